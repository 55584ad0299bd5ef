"""How each camera was, as a record, and the share of time in which cameras saw."""
