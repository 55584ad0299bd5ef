"""The phone of a crew in the field, and what officers see of it."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True, needs=("calls", "positions"))
