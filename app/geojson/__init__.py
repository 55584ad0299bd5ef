"""What has a place, as GeoJSON for geographic programs."""
