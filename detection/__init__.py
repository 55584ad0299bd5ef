"""Detection: frames to detections to tracks to events.

Frames of one camera enter, immutable `Event` messages leave. Only this package uses inference
libraries. Decisions (zones, rules, confirmation, schedule) are pure; one thread runs inference.
"""
