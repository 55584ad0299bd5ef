"""What the dossier of a site says of its archive."""
