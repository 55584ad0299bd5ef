"""Files that are sent: whose turn it is."""
