"""What a fleet of machines remembers beyond the life of its head."""
