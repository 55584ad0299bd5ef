"""Whether the watch is well: health checks, their alarms, probes, metrics."""
