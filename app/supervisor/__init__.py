"""The process tree of one machine."""
