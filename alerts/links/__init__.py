"""Links between sites: keys, sharing, reports of incidents on their way, and who decides."""
