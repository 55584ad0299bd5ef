"""Drills: what can be drilled, the clip that is played, the runner in the centre, the commands."""
