"""The memory of a process that runs for months stays what it was, and nobody waits for that.

Garbage that refers to itself (a viewer's connection, an error with its frames) waits for a full
collection, which Python makes only once a quarter has come to all there is. It would look at every
object and hold all threads meanwhile: half a second with 40,000 cameras. What a process holds after
its start lives on, so it is taken out of the collector's sight; what is replaced later is freed all
the same, as it refers to itself nowhere. A collection of the rest takes milliseconds.

What is freed lies scattered between blocks in use, and glibc keeps it, by itself in up to eight
heaps a core. Where the C library cannot be asked (musl), nothing happens.
"""

import ctypes
import gc
import time
from collections.abc import Callable

TIDY_EVERY_S = 30.0
_ROUNDS = 2  # the first reports come in with the first minute
_YOUNG = 1  # generations that are collected within milliseconds
_LEAST_PAUSE = 1000.0  # times what a collection took
_HEAPS = 2
_M_ARENA_MAX = -8  # of malloc.h


def use_few_heaps() -> bool:
    """Let all threads share few heaps; before they start. False: it cannot be asked."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_option is not None and bool(set_option(_M_ARENA_MAX, _HEAPS))


def keep_from_collector() -> None:
    """Let go of what the start left, and no collection look at the rest; before anybody waits."""
    gc.collect()
    gc.freeze()
    give_memory_back()


def give_memory_back() -> bool:
    """Let go of whole pages that hold nothing; takes milliseconds. False: it cannot be asked."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return False
    trim(ctypes.c_size_t(0))
    return True


class MemoryKeeper:
    """Tidies up after `keep_from_collector`. Owned by one thread.

    `keeps_first` is for one whose long-lived facts come in with its first minute.
    """

    def __init__(
        self,
        *,
        keeps_first: bool = False,
        shrink: Callable[[], object] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`shrink` lets go of what libraries hold."""
        self._to_keep = _ROUNDS if keeps_first else 0
        self._shrink = shrink
        self._monotonic = monotonic
        self._due_at = monotonic() + TIDY_EVERY_S
        self._collect_at = float("-inf")

    def tick(self) -> None:
        """A round where one is due; called as often as one likes."""
        if self._monotonic() >= self._due_at:
            self.round()

    def round(self) -> None:
        """Collect garbage and give its memory back."""
        self._due_at = self._monotonic() + TIDY_EVERY_S
        if self._to_keep:
            self._to_keep -= 1
            gc.collect(_YOUNG)
            gc.freeze()
        elif self._monotonic() >= self._collect_at:
            self._collect()
        self._shrink()
        give_memory_back()

    def _collect(self) -> None:
        """A full one; where much lives it takes long, and comes the more seldom."""
        began_at = self._monotonic()
        gc.collect()
        ended_at = self._monotonic()
        self._collect_at = ended_at + _LEAST_PAUSE * (ended_at - began_at)
