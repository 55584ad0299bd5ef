"""Facilities over HTTP: the list, what is near a place, their documents, and lists as files."""
