"""Facilities over HTTP: the list, what is near a place, their documents, and lists as files."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True)
