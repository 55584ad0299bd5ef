"""The registry of cameras as processes read it, and as people change, import and export it."""
