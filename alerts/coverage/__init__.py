"""Coverage: record of each camera's state, and the share of time in which cameras saw."""
