"""Drills: what can be drilled, the clip that is played, the runner in the centre, the commands."""

from thapcanh.app.site.feature import Feature

FEATURE = Feature(optional=True, configured=lambda site: site.drills.scenarios)
