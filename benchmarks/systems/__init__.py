"""The systems that are compared: each watches the URLs of a job until its input ends.

A system prints `ready` when every camera has been looked at, and at the end one JSON line: the
times of its looks by camera (CLOCK_MONOTONIC, the same for all processes) and its events.
"""
