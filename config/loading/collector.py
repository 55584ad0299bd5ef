"""Reading many entries without Python's collector of cycles, which finds none among them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Let nothing be collected in this process until the block ends.

    A city's configuration is millions of new objects that stay: the collector walks over all of
    them again and again, a fifth of the time of reading. Twice at once it may go on early.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
