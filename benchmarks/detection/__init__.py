"""Benchmarks of what is detected: far fires, still pictures, settings of the rules."""
