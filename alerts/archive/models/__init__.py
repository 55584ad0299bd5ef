"""The archive's tables, the same on SQLite and PostgreSQL."""
