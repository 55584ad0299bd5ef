"""Telephone exchanges that the centre listens to: one adapter a maker behind one door."""
