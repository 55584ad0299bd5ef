"""Units: stored, imported, nearest ones, and run cards."""
