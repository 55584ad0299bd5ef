"""Cameras on the site's networks: found, compared with the registry, followed when they move."""
