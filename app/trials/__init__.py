"""A rule tried on what a camera filmed lately, in a process of its own, before it goes live."""
