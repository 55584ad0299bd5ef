"""Drills: what can be drilled, the clip that is played, and the runner in the centre."""
