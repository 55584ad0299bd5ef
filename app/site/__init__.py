"""Where a process finds its site: files, paths, queue, evidence, recordings."""
