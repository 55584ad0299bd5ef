"""Outcomes and statistics over HTTP, as a workbook and as a paper."""
