"""Web routes of calls: intake, notices of exchanges, redaction."""
