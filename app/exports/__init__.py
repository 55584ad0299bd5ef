"""Film and pictures that leave the desk: ordered, copied in a process of their own, fetched."""
