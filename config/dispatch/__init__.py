"""Response to an incident."""
