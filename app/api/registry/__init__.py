"""The registry over HTTP: lists, changes, import, history and undo."""
