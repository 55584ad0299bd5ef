"""Phones as temporary cameras: links, and their publication to workers."""
