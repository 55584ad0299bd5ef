"""Evidence files and their cases: rows, legal holds, retention, the sealed log of a case."""
