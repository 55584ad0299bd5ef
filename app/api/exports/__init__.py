"""Film and pictures that leave the desk: ordered, made in the background, then fetched."""
