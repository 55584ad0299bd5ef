"""The action log, on its way to a SIEM."""
