"""The dossier of a site: what it does, with which models, on which data, and who decides."""
