"""Confirmation: stages over the recent observations of one place."""
