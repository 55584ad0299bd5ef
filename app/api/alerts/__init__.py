"""Endpoints about alerts: the list, commands, evidence, history, holds, shelvings, drills."""
