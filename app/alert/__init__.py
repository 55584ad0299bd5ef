"""Alerts on the screens: the list, one in full, commands, history."""
