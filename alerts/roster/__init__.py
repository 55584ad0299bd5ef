"""The roster: which officer is on duty when, at the desk or on call. Pure."""
