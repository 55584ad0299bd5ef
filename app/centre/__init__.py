"""The centre process: periodic tasks and health checks."""
