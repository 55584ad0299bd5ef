"""What the kernel still holds of a TCP connection: the only word that a silent receiver gives."""

import fcntl
import struct
import termios


def unacknowledged_bytes(descriptor: int) -> int:
    """How much of what was sent the other machine has not acknowledged. Raises `OSError`."""
    left = fcntl.ioctl(descriptor, termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", left)[0])
