"""How fast the desk stands, and what rain of alerts it bears, in a real Chromium."""
