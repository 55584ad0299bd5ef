"""A process of our own that is given one job as JSON on its stdin and answers in lines of JSON."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from app.process.child_environment import plain_environment


def start_child(command: Sequence[str], job: Mapping[str, Any]) -> "subprocess.Popen[bytes]":
    """Start it; its environment has no secret. Raises `OSError` where it cannot be started."""
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=plain_environment(os.environ),
        start_new_session=True,
    )
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(json.dumps(job).encode())
    return process


def lines_of(process: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any]]:
    """What it says, until it ends; what a library prints between is no answer."""
    if process.stdout is None:
        return
    with process.stdout as lines:
        for line in lines:
            with suppress(ValueError):
                said = json.loads(line)
                if isinstance(said, dict) and isinstance(said.get("phase"), str):
                    yield said
