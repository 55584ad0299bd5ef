"""The project's own two clips, drawn once a run whatever the number of test processes.

Each takes more than ten seconds of a processor to draw, and every room and every process of the
run would draw its own.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.simulator.drawing.synthetic_clip import (
    SyntheticClip,
    synthetic_fire_clip,
    synthetic_quiet_clip,
)

_DRAW: dict[str, Callable[[Path], SyntheticClip]] = {
    "fire": synthetic_fire_clip,
    "quiet": synthetic_quiet_clip,
}


def reference_clip(factory: pytest.TempPathFactory, name: str) -> Path:
    """The path of `fire` or `quiet`, drawn by the first process that asks; nobody may write it."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # the folder that the processes of one run share
    path = root / f"reference-{name}.mp4"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _DRAW[name](path)
    return path
