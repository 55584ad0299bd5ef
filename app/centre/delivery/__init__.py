"""Brings what is in the outbox to its targets: one loop, one task a target, bounded everywhere."""
