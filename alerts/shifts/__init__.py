"""Shifts, hand-overs and the roster: who is on duty, at the desk or on call."""
