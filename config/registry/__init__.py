"""What a site may keep in a registry beside its files, and how an entry of it is judged."""
