"""Coverage: the share of time in which cameras saw, recorded and shown."""
