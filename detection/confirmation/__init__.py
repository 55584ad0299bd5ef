"""Why something is believed: stages over the recent observations of one place."""
