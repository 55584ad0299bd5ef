"""Sightings: one searchable record per person or vehicle on a recorded camera."""
