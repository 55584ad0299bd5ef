"""Which camera is inferred when: the loop, its scheduler, batching and region inference."""
