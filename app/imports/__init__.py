"""Files that people send, read in a process of its own: bounded rows, bytes, time and memory."""
