"""Where packets come from: one connection to a camera, file or server; probing; libav's errors."""
