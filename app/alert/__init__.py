"""Web routes of alerts: list, detail, commands and history."""
