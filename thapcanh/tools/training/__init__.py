"""Training of the product's own weights: pictures in, shipped weights and a card out."""
