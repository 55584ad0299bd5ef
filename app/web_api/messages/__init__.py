"""What the API says to people, in both languages: one module a matter, joined by `sentences`."""
