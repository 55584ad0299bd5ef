"""The RTSP side of the simulator: messages, sessions, RTP and RTCP (RFC 2326, RFC 3550)."""
