"""Descriptions of features' periodic tasks and retention rules.

The centre runs the tasks on few threads and deletes by the rules.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum


class TaskThread(StrEnum):
    """Threads of periodic tasks, grouped by what may block them."""

    HOUSEKEEPER = "housekeeper"  # a queue, store or disk that hangs holds up no lease
    QUEUE = "queue-rounds"
    REGISTRY = "watch-areas"
    WATCH = "system-watch"
    DRILLS = "drills"


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreTask:
    """Something to do every so often, by the leading centre alone unless it is `everywhere`."""

    name: str
    every_s: float
    run: Callable[[], None]
    thread: TaskThread = TaskThread.HOUSEKEEPER
    everywhere: bool = False
    """By each of several centres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """Deletion of one kind of records by age or size.

    `run` does one pass by the clock and the configuration in force. A rule whose disk or store may
    hang gets its own thread.
    """

    name: str
    every_s: float
    run: Callable[[], None]
    may_hang: bool = False
    everywhere: bool = False
    """By each of several centres, not by the leading one alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFeature:
    """Tasks of one feature in the centre beside its routes, not started."""

    rounds: tuple[CentreTask, ...] = ()
    rules: tuple[RetentionRule, ...] = ()
    running: Callable[[], AbstractContextManager[None]] = nullcontext
    """Started before the rounds, ended after them."""
