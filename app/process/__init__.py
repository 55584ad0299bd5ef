"""Process infrastructure: children, heartbeats, logs, exit codes, terminal."""
