"""Terminal helpers of commands: errors, signals, subcommands, progress bars."""

import argparse
import getpass
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

from thapcanh.alerts.store.roles import CONSOLE
from thapcanh.app.process import exit_codes
from thapcanh.app.process.log import masked

if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]
Body = Callable[[argparse.Namespace], int]
"""Takes the options, returns an exit code."""
Item = TypeVar("Item")
WIDTH = 24
NAME_CHARS = 48
_FULL, _EMPTY = "█", "░"
_TO_END = "\x1b[K"  # a terminal clears the line from here on


def fail(message: object, code: int = exit_codes.UNUSABLE) -> int:
    """Print one line to standard error and return the exit code."""
    sys.stderr.write(f"thapcanh: {masked(str(message))}\n")
    sys.stderr.flush()
    return code


def stop_on_signals() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def subcommand(
    commands: "Subcommands", name: str, help_text: str, body: Body
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_text, description=help_text)
    parser.set_defaults(command=body)
    return parser


def with_config(parser: argparse.ArgumentParser) -> None:
    """Let a command name the site's configuration."""
    parser.add_argument(
        "-c", "--config", type=Path, default=Path("thapcanh.toml"), metavar="FILE",
        help="the site's configuration (default: thapcanh.toml)",
    )  # fmt: skip


def with_progress(items: Sequence[Item], name_of: Callable[[Item], str]) -> Iterator[Item]:
    """Yield the items and print each name with the estimated remaining time."""
    started_s = time.monotonic()
    for done, item in enumerate(items):
        elapsed_s = time.monotonic() - started_s
        left = _minutes(elapsed_s / done * (len(items) - done)) if done else "-:--"
        _write_line(
            f"{bar(done, len(items))} {done + 1}/{len(items)} {name_of(item)[:NAME_CHARS]}", left
        )
        yield item
    _write_line(f"{bar(1, 1)} {len(items)}/{len(items)}", "0:00")
    sys.stderr.write("\n")


class RecordingProgress:
    """Progress of one recording on one terminal line; silent without a terminal."""

    def __init__(self, name: str, whole_s: float | None, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._name = name[:NAME_CHARS]
        self._whole_s = whole_s if whole_s and self._out.isatty() else None
        self._started_s = time.monotonic()

    def at(self, position_s: float) -> None:
        """Show the progress and the estimated remaining time."""
        if self._whole_s is None:
            return
        share = min(1.0, position_s / self._whole_s)
        elapsed_s = time.monotonic() - self._started_s
        left = _minutes(elapsed_s / share - elapsed_s) if share else "-:--"
        self._out.write(f"\r{bar(share, 1)} {share:4.0%} {self._name} {left:>6} left{_TO_END}")
        self._out.flush()

    def clear(self) -> None:
        """Take the line away: something else is to be printed."""
        if self._whole_s is not None:
            self._out.write(f"\r{_TO_END}")
            self._out.flush()


def bar(done: float, of: float) -> str:
    """Return a progress bar of `WIDTH` blocks."""
    full = int(WIDTH * done // of)
    return _FULL * full + _EMPTY * (WIDTH - full)


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _write_line(text: str, left: str) -> None:
    """Over what stood there before."""
    sys.stderr.write(f"\r{text:{WIDTH + NAME_CHARS + 9}} {left:>6} left")
    sys.stderr.flush()


def console_user() -> str:
    """Return `console:` and the local user's name."""
    try:
        return CONSOLE + getpass.getuser()  # noqa: TID251 its owner
    except (KeyError, OSError):
        return CONSOLE + "unknown"
