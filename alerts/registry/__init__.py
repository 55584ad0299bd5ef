"""The registry in the archive: entries as they are, and who changed them. No rule of its own."""
