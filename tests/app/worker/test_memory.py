"""What was freed between blocks that are in use goes back to the system."""

import ctypes

import psutil
import pytest

from app.worker.memory import give_memory_back

BLOCKS, BLOCK_BYTES = 50_000, 2_000


def test_freed_memory_is_given_back() -> None:
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):
        pytest.skip("this C library keeps nothing that it could give back")
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    blocks = [libc.malloc(BLOCK_BYTES) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK_BYTES)
    for block in blocks[:-1]:  # the last one holds the heap's end where it is
        libc.free(block)
    before = psutil.Process().memory_full_info().uss
    assert give_memory_back()
    freed = before - psutil.Process().memory_full_info().uss
    libc.free(blocks[-1])
    assert freed > 0.8 * BLOCKS * BLOCK_BYTES
