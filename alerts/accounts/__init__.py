"""Accounts, their sessions, tokens and second factors, and who may change which account."""
