"""Dossier: facts about a site's archive."""
