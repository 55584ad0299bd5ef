"""Stores of evidence: a folder, or S3-compatible storage."""
