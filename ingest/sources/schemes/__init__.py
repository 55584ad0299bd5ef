"""Schemes of camera sources, one module each; found by `thapcanh.ingest.sources.registry`."""
