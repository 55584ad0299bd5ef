"""Searching what was recorded: people and vehicles by class, place, time, colour, line."""
