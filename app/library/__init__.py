"""What programs import as `thapcanh`: a detector, and events of films, queues and centres."""
