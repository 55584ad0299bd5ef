"""A progress bar on standard error, for commands that take minutes over many files."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

WIDTH = 24
NAME_CHARS = 48
_FULL, _EMPTY = "█", "░"


def with_progress(items: Sequence[Item], name_of: Callable[[Item], str]) -> Iterator[Item]:
    """Give the items one by one and say each time which it is, and how long the rest may take."""
    started_s = time.monotonic()
    for done, item in enumerate(items):
        elapsed_s = time.monotonic() - started_s
        left = _minutes(elapsed_s / done * (len(items) - done)) if done else "-:--"
        _say(f"{bar(done, len(items))} {done + 1}/{len(items)} {name_of(item)[:NAME_CHARS]}", left)
        yield item
    _say(f"{bar(1, 1)} {len(items)}/{len(items)}", "0:00")
    sys.stderr.write("\n")


def bar(done: int, of: int) -> str:
    """How much is done, as a line of `WIDTH` blocks."""
    full = WIDTH * done // of
    return _FULL * full + _EMPTY * (WIDTH - full)


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _say(text: str, left: str) -> None:
    """Over what stood there before."""
    sys.stderr.write(f"\r{text:{WIDTH + NAME_CHARS + 9}} {left:>6} left")
    sys.stderr.flush()
