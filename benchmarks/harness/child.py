"""A module of ours as a process of its own: started, waited for, asked for its report, ended.

It prints lines and `ready`, works until its input ends, and reports with one line of JSON.
"""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

READY_WITHIN_S = 180.0
END_WITHIN_S = 30.0


class ChildFailed(Exception):
    """A system did not start, or ended early; its last words are the message."""


@contextmanager
def child(arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A module that runs until the block ends."""
    with tempfile.TemporaryFile("w+") as errors:
        running = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield running
        except ChildFailed as failed:
            errors.seek(0)
            raise ChildFailed(f"{failed}: {errors.read()[-2000:]}") from failed
        finally:
            _end(running)


def _end(running: subprocess.Popen[str]) -> None:
    if running.stdin and not running.stdin.closed:
        running.stdin.close()
    try:
        running.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
    if running.stdout:
        running.stdout.close()


def lines_until(running: subprocess.Popen[str], last: str) -> Iterator[str]:
    """Lines before `last`; a child that says nothing for long is killed, which ends its output."""
    timer = threading.Timer(READY_WITHIN_S, running.kill)
    timer.start()
    try:
        for line in _output(running):
            if line.strip() == last:
                return
            yield line.strip()
    finally:
        timer.cancel()
    raise ChildFailed(f"{running.args!r} ended before it was ready"[:300])


def last_line(running: subprocess.Popen[str]) -> Any:
    """What it reports, as JSON, once its input ends."""
    if running.stdin:
        running.stdin.close()
    timer = threading.Timer(END_WITHIN_S, running.kill)
    timer.start()
    try:
        lines = [line for line in _output(running) if line.startswith("{")]
    finally:
        timer.cancel()
    if not lines:
        raise ChildFailed(f"{running.args!r} did not report"[:300])
    return json.loads(lines[-1])


def _output(running: subprocess.Popen[str]) -> IO[str]:
    if running.stdout is None:
        raise ChildFailed("the child has no output")
    return running.stdout
