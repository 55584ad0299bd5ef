"""Measurements beside other systems: one command each, every system in a process of its own.

Nothing here is shipped or asserted by a test: figures depend on the machine, and say which.
"""
