"""TCP send queue of the kernel: the only sign of a silent receiver."""

import fcntl
import struct
import termios


def unacknowledged_bytes(descriptor: int) -> int:
    """Return the sent bytes that the receiver has not acknowledged. Raise `OSError`."""
    left = fcntl.ioctl(descriptor, termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", left)[0])
