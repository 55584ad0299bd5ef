"""Reading and writing the archive: one module for each matter."""
