"""Takes devices' signals in: dated, bounded, saved, and turned into events of the centre's own."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True, configured=lambda site: site.devices or site.receivers)
