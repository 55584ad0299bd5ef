"""Places of a site, found by a few words."""
