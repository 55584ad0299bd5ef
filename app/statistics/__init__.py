"""Outcomes and statistics over HTTP, as a workbook and as a paper."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True, configured=lambda site: site.centre.statistics_form)
