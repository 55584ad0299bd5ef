"""CAP 1.2 (OASIS): messages to and from other centres."""
