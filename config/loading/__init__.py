"""Files to a checked site: raw tables, entries, cross checks, paths, problems in our words."""
