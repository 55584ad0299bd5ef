"""Evaluation: replay of recorded videos, and scores against a truth table."""
