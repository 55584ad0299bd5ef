"""RTSP simulator: serves files like street cameras, including faults."""
