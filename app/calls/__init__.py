"""Calls over HTTP: taken down, told by exchanges, redacted."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True, configured=lambda site: site.exchanges)
