"""What a feature does in the centre by the clock: its rounds, and how long it keeps something.

A feature's `build(…)` takes what it needs and returns a `BuiltFeature`. The centre lists features,
does their rounds on few threads and deletes by their rules; it knows no more of them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum


class RoundThread(StrEnum):
    """The threads of the centre's rounds: what may hang stands with what may wait for it."""

    HOUSEKEEPER = "housekeeper"  # a queue, store or disk that hangs holds up no lease
    QUEUE = "queue-rounds"
    REGISTRY = "watch-areas"
    WATCH = "system-watch"
    DRILLS = "drills"


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreRound:
    """Something to do every so often, by the leading centre alone unless it is `everywhere`."""

    name: str
    every_s: float
    run: Callable[[], None]
    thread: RoundThread = RoundThread.HOUSEKEEPER
    everywhere: bool = False
    """By each of several centres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """One thing that is deleted when its time is over or its room is full.

    `run` does one round, by the clock and the configuration in force. Where its disk or store may
    hang it asks for a thread of its own, so that it holds up no other rule.
    """

    name: str
    every_s: float
    run: Callable[[], None]
    may_hang: bool = False
    everywhere: bool = False
    """By each of several centres, not by the leading one alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFeature:
    """What one feature does in the centre beside its endpoints. Nothing is started yet."""

    rounds: tuple[CentreRound, ...] = ()
    rules: tuple[RetentionRule, ...] = ()
    running: Callable[[], AbstractContextManager[None]] = nullcontext
    """Started before the rounds, ended after them."""
