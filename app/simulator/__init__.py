"""An RTSP server of recorded files that behaves as a street camera does, faults included.

Each file becomes one camera with one live clock: every client sees the same moment, and the
recording starts again when it ends. The demo and the tests point real readers at it.
Start at `running.running_simulator` (tests) or `command.run_simulator` (the command line).
"""
