"""Registry in the archive: entries as they are, and who changed them."""
