"""GeoJSON of objects with a location, for geographic programs."""
