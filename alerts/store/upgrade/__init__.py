"""Bringing an archive to this program's tables: how far it is, and its orderly end."""
