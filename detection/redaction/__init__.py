"""Redaction of people, and of vehicles where their plates are."""
