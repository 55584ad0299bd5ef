"""What leaves the site, on the screens: targets, the delivery log, dead letters."""
