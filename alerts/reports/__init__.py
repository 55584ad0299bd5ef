"""Figures of a period: counts, response delays, alarm load, situation."""
