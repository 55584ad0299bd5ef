"""Messages of workers into the archive: what is new of a batch, and all that follows from it."""
