"""What a centre that begins to lead must find out: which events are open that it did not raise.

A round that remembers what it raised begins again with each term, from what the archive says.
"""

from collections.abc import Callable

from alerts.store.coordination.leadership import Leadership
from detection.event import Event


class LeaderTerms:
    """Tells one round of each new term. Owned by the thread of that round."""

    def __init__(
        self,
        leadership: Leadership,
        left_open: Callable[[], list[Event]],
        *,
        is_shared: bool,
    ) -> None:
        """`left_open` finds what was raised and not cleared; it may raise `ArchiveError`."""
        self._leadership = leadership
        self._left_open = left_open
        self._is_shared = is_shared
        self._term: int | None = None

    def begun(self) -> list[Event] | None:
        """The events that are open where a term has begun since the last call, else None."""
        term = self._leadership.term
        if term == self._term:
            return None
        found = self._left_open()
        self._term = term
        return found

    def stray(self) -> list[Event]:
        """The open events of all centres: one that died may have raised what comes in late."""
        return self._left_open() if self._is_shared else []
