"""Telephone exchanges: one adapter per maker behind a common interface."""
