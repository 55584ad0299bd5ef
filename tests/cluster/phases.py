"""How long each part of a run took, for who must make it faster."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Phases:
    """Seconds by part, in the order of their ends."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Measure what is done in the block; also where it fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - began, 1)
            say(f"[{self.seconds[name]:.1f} s] {name}")


def say(text: str) -> None:
    """To who watches the run."""
    sys.stderr.write(text.rstrip() + "\n")
    sys.stderr.flush()
