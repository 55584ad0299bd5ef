"""Where units are: positions judged, kept as tracks, and how old each one is."""
