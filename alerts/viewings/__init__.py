"""Viewing log: who saw what, when, and why."""
