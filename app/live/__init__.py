"""Live view: a camera's stream to browsers, as WebRTC without re-encoding, or as JPEG."""
