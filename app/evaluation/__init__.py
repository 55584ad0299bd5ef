"""Replay of recorded videos, and scores against a known truth."""
