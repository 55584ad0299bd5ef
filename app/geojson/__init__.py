"""What has a place, as GeoJSON for geographic programs."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True)
