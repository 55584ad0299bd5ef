"""Alerts: tables, record, states, deduplication, views, history."""
