"""Where the other servers of a site are: queue, archive, proxy, and the machines of a cluster."""
