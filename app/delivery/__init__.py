"""Brings what is in the outbox to its targets, and shows how each of them does."""
