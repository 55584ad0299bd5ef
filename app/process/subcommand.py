"""What one command of `thapcanh` is: a name, words for `--help`, options, and a body to call."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]

Body = Callable[[argparse.Namespace], int]
"""Takes the options, returns an exit code."""


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
