"""Accounts of officers and programs, edited by administrators and at the console."""
