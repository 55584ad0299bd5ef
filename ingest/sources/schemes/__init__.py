"""One file for each scheme of a camera's source; `ingest.sources.registry` finds them."""
