"""Coordination of several centres: names, and work of the leader only."""
