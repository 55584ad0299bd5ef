"""Who saw what: written down for every picture and film, and read by leaders and auditors."""
