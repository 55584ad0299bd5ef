"""The worker process: its cameras, its self-test, its health checks and figures."""
