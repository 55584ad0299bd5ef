"""Which boxes are the same thing over time, how long it stays, and where it stands."""
