"""One file for each scheme of a camera's source; `thapcanh.ingest.sources.registry` finds them."""
