"""Copies of film and pictures that leave the desk: made in a process of their own, on order."""
