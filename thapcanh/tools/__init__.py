"""Tools of the product beside the centre: they use every room, and no room uses them."""
