"""Outbox: events that may leave the site, written with their change."""
