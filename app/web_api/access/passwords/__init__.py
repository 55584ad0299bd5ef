"""Passwords: the hash, and the process that computes it."""
