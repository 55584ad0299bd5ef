"""Process tree of one machine."""
