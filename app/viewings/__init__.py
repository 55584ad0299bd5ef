"""Viewing log: who saw which picture or video."""
