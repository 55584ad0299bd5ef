"""From a frame to detections to tracks to events.

Frames of one camera enter; immutable `Event` messages leave. The only room that knows inference
libraries. Decisions (zones, rules, confirmation, schedule) are pure; one thread runs the looks.
"""
