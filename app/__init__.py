"""Every face and all wiring."""
