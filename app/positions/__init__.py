"""Positions of units: taken in, judged, shown with their age; ways by road."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True, configured=lambda site: site.cot_receivers)
