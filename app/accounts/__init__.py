"""Accounts kept by admins and at the console: officers and programs."""
