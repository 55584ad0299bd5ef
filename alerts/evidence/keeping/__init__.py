"""Retention of evidence: legal holds, closed alerts, deletion."""
