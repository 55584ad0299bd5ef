"""Alerts: events to alerts to actions, without HTTP, Ray and screens."""
