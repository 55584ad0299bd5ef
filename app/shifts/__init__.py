"""Shifts, hand-overs and the roster over HTTP."""
