"""Links to other sites: a ward's incidents at the city's desk, and who decides them."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True)
