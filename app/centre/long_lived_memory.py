"""Keeps Python's collector from walking a whole city's cameras again and again.

A full collection looks at every object there is and holds all threads meanwhile: half a second with
40,000 cameras, in which no event is stored and no screen told. What the centre holds after its
start (configuration, first reports) lives on; it is taken out of the collector's sight. What is
replaced later is freed all the same, as it refers to itself nowhere.
"""

import gc

_ROUNDS = 2  # the first reports come in with the first minute


class LongLivedMemory:
    """Owned by the thread that calls `round`."""

    def __init__(self) -> None:
        self._left = _ROUNDS

    def round(self) -> None:
        """Collect what is garbage by now, then keep the rest out of later collections."""
        if self._left:
            self._left -= 1
            gc.collect()
            gc.freeze()
