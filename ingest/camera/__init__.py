"""One camera at work: its thread, its lifecycle, its clock and the health of its pictures."""
