"""Outcomes of incidents, and statistics of a month, a quarter or a year."""
