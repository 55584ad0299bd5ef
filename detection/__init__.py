"""Frames to detections to tracks to events."""
