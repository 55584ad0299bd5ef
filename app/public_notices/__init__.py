"""Notices to the public: drafted and signed at the desk; a page, a feed and CAP for everybody."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True)
