"""What the API fills an official paper with: the record of one case."""
