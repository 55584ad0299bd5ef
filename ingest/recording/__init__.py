"""Recording: every packet of a camera, never re-encoded, in segments that begin at a keyframe."""
