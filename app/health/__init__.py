"""Health of the system: checks, alerts, probes, metrics."""
