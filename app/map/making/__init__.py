"""Makes a site's street map out of an extract of OpenStreetMap."""
