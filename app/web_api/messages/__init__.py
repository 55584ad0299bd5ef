"""Messages of the API in both languages: one module per subject, joined by `sentences`."""
