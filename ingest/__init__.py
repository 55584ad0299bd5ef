"""Cameras to packets to frames: sources, the camera's life, the hub, the pre-roll, clips."""
