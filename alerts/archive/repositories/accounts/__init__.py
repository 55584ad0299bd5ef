"""Accounts and what belongs to one: sessions, tokens, second factors, what was looked at."""
