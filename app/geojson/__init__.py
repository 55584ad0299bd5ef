"""GeoJSON of objects with a location, for geographic programs."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True)
