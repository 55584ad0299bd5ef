"""Delivery: which target gets what, when, and in which form."""
