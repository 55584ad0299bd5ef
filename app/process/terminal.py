"""How a command speaks to its user: one clear line on failure, and the wish to stop.

`subcommand`, `with_config`: what one command of `thapcanh` is: a name, words for `--help`,
options, and a body to call.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.process import exit_codes
from app.process.log import masked

if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]
Body = Callable[[argparse.Namespace], int]
"""Takes the options, returns an exit code."""


def fail(message: object, code: int = exit_codes.UNUSABLE) -> int:
    """Print one clear line to standard error and return the exit code."""
    sys.stderr.write(f"thapcanh: {masked(str(message))}\n")
    sys.stderr.flush()
    return code


def stop_on_signals() -> threading.Event:
    """An event that SIGINT and SIGTERM set; a second signal changes nothing."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def subcommand(
    commands: "Subcommands", name: str, help_text: str, body: Body
) -> argparse.ArgumentParser:
    """Add a command; what is returned takes its options."""
    parser = commands.add_parser(name, help=help_text, description=help_text)
    parser.set_defaults(command=body)
    return parser


def with_config(parser: argparse.ArgumentParser) -> None:
    """Let a command name the site's configuration."""
    parser.add_argument(
        "-c", "--config", type=Path, default=Path("thapcanh.toml"), metavar="FILE",
        help="the site's configuration (default: thapcanh.toml)",
    )  # fmt: skip
