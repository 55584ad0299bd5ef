"""A rule tried on what a camera filmed lately, in a process of its own, before it goes live."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True)
