"""A case folder that proves itself offline: its files, its manifest, its extract of the log."""
