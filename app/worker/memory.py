"""Freed memory back to the system: glibc keeps what lies between blocks that are still in use.

Each camera's thread has a heap of its own, and a camera that is opened again and again scatters
blocks over it: without this a worker whose cameras come and go grows by some megabytes an hour
while what it uses stays the same. Where the C library cannot be asked (musl), nothing happens.
"""

import ctypes


def give_memory_back() -> bool:
    """Let go of whole pages that hold nothing; takes milliseconds. False: it cannot be asked."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return False
    trim(ctypes.c_size_t(0))
    return True
