"""Settings of other servers: queue, archive, proxy, and machines of a cluster."""
