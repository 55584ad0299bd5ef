"""Positions of units: received, checked and shown with their age; routes by road."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True, configured=lambda site: site.cot_receivers)
