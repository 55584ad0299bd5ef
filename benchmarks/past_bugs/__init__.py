"""Faults that were mended, to be put back."""
