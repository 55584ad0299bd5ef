"""Temporary watch areas: proposed, approved and ended, and the periodic work that enforces it."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True)
