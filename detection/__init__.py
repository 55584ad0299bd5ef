"""Detection: frames to detections to tracks to events.

Decisions (zones, rules, confirmation, schedule) are pure; one thread runs inference.
"""
