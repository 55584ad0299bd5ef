"""Recordings in a store that all machines of a site share: upload, what is there, and its end."""
