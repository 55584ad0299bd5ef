"""Frames to boxes: the detectors, their weights, and what goes into and comes out of the model."""
