"""Sources of packets: connections to cameras, files and servers; probing; libav's errors."""
