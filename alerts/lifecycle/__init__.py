"""Lifecycle of events and alerts."""
