"""Warnings of sectors and messages of other centres, in CAP 1.2."""
