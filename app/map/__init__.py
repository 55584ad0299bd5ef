"""The site's street map and what stands on it: PMTiles archives, facility layers, their checks."""
