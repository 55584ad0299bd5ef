"""Whether the centre serves and the site is watched: for probes, balancers and Prometheus."""
