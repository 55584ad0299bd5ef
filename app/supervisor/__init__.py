"""The process tree of one machine, and the embedded Valkey."""
