"""Calls of people and telephone exchanges: written, searched, redacted; what they raise."""
