"""Official Vietnamese papers: one content, written as PDF and as a page."""
