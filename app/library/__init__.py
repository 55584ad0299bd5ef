"""Public library `thapcanh`: a detector, and events of videos, queues and centres."""
