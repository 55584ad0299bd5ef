"""What leaves the site: which target is told of what and when, and in which form. Pure."""
