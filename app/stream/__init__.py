"""The live stream of changes (server-sent events)."""
