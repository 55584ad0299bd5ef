"""The centre process: it lists the features and starts them."""
