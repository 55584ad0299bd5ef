"""One module a kind of detector, each with its `DETECTOR`."""
