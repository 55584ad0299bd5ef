"""Evaluation: scores of replayed videos against a truth table, and their report."""
