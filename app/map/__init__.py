"""The site's street map and what stands on it: PMTiles archives, layers of things, their checks."""
