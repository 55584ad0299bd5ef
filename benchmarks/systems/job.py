"""What a system is told, and how it answers. The only code that all systems share."""

import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Which streams to watch, and how often to look."""

    urls: tuple[str, ...]
    look_interval_s: float
    deadline_s: float
    fps: int
    cache: str
    looks_per_camera_s: float | None = None
    """For the floor: as many inferences as ours made."""

    def line(self) -> str:
        """For the child's command line."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, line: str) -> Self:
        """From the command line."""
        values = json.loads(line)
        return cls(**{**values, "urls": tuple(values["urls"])})

    @property
    def cache_dir(self) -> Path:
        """Where exported models are stored."""
        return Path(self.cache)


class Logbook:
    """Notes every look. Safe from several threads."""

    def __init__(self, cameras: Sequence[str]) -> None:
        self._cameras = tuple(cameras)
        self._looks: dict[str, list[float]] = defaultdict(list)
        self._ready = False
        self._lock = threading.Lock()
        self._regions: list[tuple[float, int]] = []
        self.events = 0
        self.ended = threading.Event()
        self.facts: dict[str, object] = {}
        threading.Thread(target=self._await_end, daemon=True).start()

    def observe(self, camera: str) -> None:
        """A camera's newest picture was looked at just now."""
        with self._lock:
            self._looks[camera].append(time.monotonic())
            if not self._ready and len(self._looks) == len(self._cameras):
                self._ready = True
                self._say("ready")

    def count_regions(self, count: int) -> None:
        """How many parts of pictures were looked at so far, beside the whole ones."""
        with self._lock:
            self._regions.append((time.monotonic(), count))

    def report(self) -> None:
        """The last line."""
        with self._lock:
            told = {"looks": self._looks, "regions": self._regions}
            self._say(json.dumps({**told, "events": self.events, "facts": self.facts}))

    def _await_end(self) -> None:
        sys.stdin.read()
        self.ended.set()

    def _say(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
