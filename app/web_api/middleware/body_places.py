"""How many bodies may be on their way at once, and which gives way to another.

A slow sender costs nobody else a place: where an account, an agency or an address has too many
bodies on their way, its oldest is ended; where all places are taken, the oldest of whoever has
most. An ordinary body arrives at once, and so is never the oldest.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

YOUNG_S = 1.0  # a body that began just now has not had time to come


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """How many bodies at once, and of them how many of each sender of the same rank.

    `give_way` is false of files, which take their time: who comes too late is refused. What is made
    anew holds its place `until_answered`: it waits for its turn in a thread that officers need too.
    """

    at_once: int
    of_sender: Sequence[int]
    give_way: bool = True
    until_answered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _BodyOnItsWay:
    senders: Sequence[str]
    since: float
    deadline: asyncio.Timeout


class BodyPlaces:
    """The bodies on their way of one group of senders, oldest first."""

    def __init__(self, limits: BodyLimits) -> None:
        self._limits = limits
        self._bodies: dict[_BodyOnItsWay, None] = {}
        self._counts: list[Counter[str]] = [Counter() for _ in limits.of_sender]
        self.until_answered = limits.until_answered

    def __len__(self) -> int:
        return len(self._bodies)

    @contextmanager
    def held(self, senders: Sequence[str], deadline: asyncio.Timeout) -> Iterator[bool]:
        """A place while the block runs; false where there is none.

        `senders` name who sends, a name for each of the limits. `deadline` is brought forward to
        now when the body has to give way.
        """
        body = _BodyOnItsWay(senders, asyncio.get_running_loop().time(), deadline)
        if not self._has_room(body):
            yield False
            return
        self._add(body)
        try:
            yield True
        finally:
            self._remove(body)

    def _has_room(self, new: _BodyOnItsWay) -> bool:
        """Whether the body has a place, or another gave way."""
        for rank, name in enumerate(new.senders):
            if self._counts[rank][name] >= self._limits.of_sender[rank]:
                return self._gave_way(rank, name, new.since)
        if len(self._bodies) < self._limits.at_once:
            return True
        widest = self._counts[0]
        return self._gave_way(0, max(widest, key=widest.__getitem__), new.since)

    def _gave_way(self, rank: int, name: str, now: float) -> bool:
        if not self._limits.give_way:
            return False
        oldest = next(one for one in self._bodies if one.senders[rank] == name)
        if now - oldest.since < YOUNG_S:
            return False
        self._remove(oldest)
        oldest.deadline.reschedule(now)
        return True

    def _add(self, body: _BodyOnItsWay) -> None:
        self._bodies[body] = None
        for counts, name in zip(self._counts, body.senders, strict=True):
            counts[name] += 1

    def _remove(self, body: _BodyOnItsWay) -> None:
        if body not in self._bodies:
            return
        del self._bodies[body]
        for counts, name in zip(self._counts, body.senders, strict=True):
            counts[name] -= 1
            if not counts[name]:
                del counts[name]
