"""Health of the watch by the archive."""
