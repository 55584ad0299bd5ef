"""The project's own two clips, drawn once a run whatever the number of test processes.

Each takes more than ten seconds of a processor to draw, and every room and every process of the
run would draw its own.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shared_folder import made_once
from thapcanh.app.drills.synthetic_clip import (
    ClipShape,
    SyntheticClip,
    synthetic_fire_clip,
    synthetic_quiet_clip,
)

SHORT = ClipShape(duration_s=6.0, onset_s=1.0, grows_s=2.0, width=416, height=234, fps=10)
_DRAW: dict[str, Callable[[Path], SyntheticClip]] = {
    "fire": synthetic_fire_clip,
    "quiet": synthetic_quiet_clip,
}


def reference_clip(factory: pytest.TempPathFactory, name: str) -> Path:
    """The path of `fire` or `quiet`, drawn by the first process that asks; nobody may write it."""
    return made_once(factory, f"reference-{name}.mp4", _DRAW[name])
