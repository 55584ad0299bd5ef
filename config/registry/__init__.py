"""Entries of a registry and their validation."""
