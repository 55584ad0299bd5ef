"""CAP 1.2 (OASIS): what is told to other centres, and what they tell. Pure."""
