"""Single pictures and MJPEG, for browsers without WebRTC."""
