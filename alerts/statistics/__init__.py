"""The outcome of incidents, and the statistics of a month, a quarter or a year."""
