"""Phones that send as cameras for a while: their links, and what workers are told."""
