"""Coordination of several centres through one PostgreSQL archive."""
