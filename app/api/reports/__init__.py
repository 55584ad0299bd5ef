"""Endpoints about reports, and their tables for spreadsheets."""
