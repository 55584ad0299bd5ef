"""Every face and all wiring: command line, supervisor, worker, centre, web API, screens."""
