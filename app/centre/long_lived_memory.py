"""Keeps Python's collector from walking a whole city's cameras again and again.

A full collection looks at every object there is and holds all threads meanwhile: half a second with
40,000 cameras, in which no event is stored and no screen told. What the centre holds after its
start (configuration, first reports) lives on; it is taken out of the collector's sight. What is
replaced later is freed all the same, as it refers to itself nowhere.
"""

import gc

_ROUNDS = 2  # the first reports come in with the first minute
_YOUNG = 1  # generations that are collected within milliseconds


def keep_from_collector() -> None:
    """Collect what is garbage, then let no collection look at the rest; before anybody waits."""
    gc.collect()
    gc.freeze()


class LongLivedMemory:
    """The same of what comes in at first, without a full collection. Owned by one thread."""

    def __init__(self) -> None:
        self._left = _ROUNDS

    def round(self) -> None:
        """Keep what has come in since the start, too; after the first rounds nothing is done."""
        if self._left:
            self._left -= 1
            gc.collect(_YOUNG)
            gc.freeze()
