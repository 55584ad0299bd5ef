"""Official Vietnamese documents, as PDF and HTML."""
