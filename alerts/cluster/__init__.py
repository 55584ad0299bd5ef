"""State of a fleet of machines beyond the life of its head."""
