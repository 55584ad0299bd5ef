"""Export of the action log to a SIEM."""
