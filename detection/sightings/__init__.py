"""Sightings: one record a person or vehicle that a recorded camera saw, to be searched for."""
