"""Many machines as one site: Ray says which live, the Fleet says which worker watches what."""
