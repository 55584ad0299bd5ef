"""Where evidence is kept: a folder, or S3-compatible storage, behind one door."""
