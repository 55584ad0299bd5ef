"""Recording: every packet of a camera, never re-encoded, in segments from keyframe to keyframe."""
