"""Facilities: premises of the city, who answers for them, what is dangerous there, their plans."""
