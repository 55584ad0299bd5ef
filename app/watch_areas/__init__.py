"""Temporary watch areas: proposed, approved, ended, and the rounds that hold them to that."""
