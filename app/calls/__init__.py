"""Web routes of calls: intake, notices of exchanges, redaction."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True, configured=lambda site: site.exchanges)
