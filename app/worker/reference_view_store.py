"""Reference views of fixed cameras, stored on the worker's disk, one file each.

`recall` is called before a camera starts, `leave` after it stopped, `poll` every tick, all on the
main thread.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from thapcanh.app.process.bounded_reader import BoundedReader, NoAnswer
from thapcanh.config.camera import CameraConfig
from thapcanh.config.files import read_regular, replace_file
from thapcanh.config.registry.entries import masked_source
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.camera.reference_view_record import (
    MOST_BYTES,
    StoredViews,
    ViewsUnreadable,
    from_text,
    to_text,
)
from thapcanh.ingest.camera.tamper_detector import TamperSettings

log = logging.getLogger(__name__)
EVERY_S = 600.0
DAY_S = 86_400.0
"""Written again when nothing changed: a file's age tells how long no worker had the camera."""
DELETED_AFTER_S = 14 * DAY_S
ROUND_S = 0.2  # what a tick has for the disk; the rest is written at the next ones
END_S = 2.0  # of the 20 s that a worker has to stop
DISK_S = 3.0  # an answer of the disk that is waited for
LEFT_ALONE_S = 60.0
_SUFFIX = ".json"
T = TypeVar("T")


def tamper_settings(spec: CameraConfig) -> TamperSettings:
    """Return the settings; views of PTZ cameras turned from here are known, of others not."""
    return TamperSettings(is_fixed=spec.turns or not spec.ptz, tells_moved=not spec.ptz)


@dataclass(slots=True, kw_only=True)
class _Followed:
    """A running camera, and what of it is on the disk. `due_at` is of the monotonic clock."""

    camera: Camera
    file: Path
    source: str
    due_at: float = float("-inf")
    written_at: float = float("-inf")
    written: tuple[int, ...] = ()
    """How many pictures had entered each view."""


class ReferenceViewStore:
    """Store of reference views, one per worker; workers of one data folder share its files."""

    def __init__(
        self,
        folder: Path | None,
        utc: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        disk_s: float = DISK_S,
    ) -> None:
        """Create the store; without a folder nothing is stored."""
        self._folder = folder
        self._utc = utc
        self._monotonic = monotonic
        self._followed: dict[str, _Followed] = {}
        self._sweep_at = float("-inf")
        self._is_failing = False
        self._disk = BoundedReader(at_once=1, within_s=disk_s)
        self._left_alone_until = float("-inf")

    def recall(self, camera: Camera) -> None:
        """Load the views of a camera that is about to start, and follow it."""
        spec = camera.spec
        if self._folder is None or not tamper_settings(spec).tells_moved:
            return
        item = _Followed(
            camera=camera,
            file=self._folder / f"{spec.id}{_SUFFIX}",
            source=masked_source(str(spec.source)),
        )
        self._followed[spec.id] = item
        stored = self._stored(item)
        if stored is not None:
            camera.recall(stored.views)
            item.written, item.written_at = _entered(stored), stored.written_at
            item.due_at = self._monotonic() + EVERY_S

    def poll(self) -> None:
        """Write what is due, as much as a tick has time for."""
        now = self._monotonic()
        if now >= self._sweep_at:
            self._sweep_at = now + DAY_S
            self._sweep()
        self._write([item for item in self._followed.values() if item.due_at <= now], ROUND_S)

    def leave(self, cameras: Iterable[Camera]) -> None:
        """Store the views of stopped cameras, new ones first."""
        left = [self._followed.pop(camera.spec.id, None) for camera in cameras]
        followed = [item for item in left if item is not None]
        self._write(sorted(followed, key=lambda item: item.due_at), END_S)

    def forget(self, camera_ids: Iterable[str]) -> None:
        if self._folder is not None:
            for camera_id in camera_ids:
                self._delete(self._folder / f"{camera_id}{_SUFFIX}")

    def _write(self, due: Iterable[_Followed], within_s: float) -> None:
        until = self._monotonic() + within_s
        for item in due:
            if self._monotonic() >= until:
                return
            self._write_one(item)

    def _write_one(self, item: _Followed) -> None:
        now = self._utc()
        stored = StoredViews(source=item.source, written_at=now, views=item.camera.known_views())
        if not stored.views:
            return
        item.due_at = self._monotonic() + EVERY_S
        if _entered(stored) == item.written and now - item.written_at < DAY_S:
            return
        try:
            self._query(lambda: _store(item.file, to_text(stored)))
        except OSError as error:
            self._note(error)
            return
        item.written, item.written_at = _entered(stored), now
        if self._is_failing:
            log.info("known views of cameras are kept again")
        self._is_failing = False

    def _note(self, error: OSError) -> None:
        if not self._is_failing:
            log.warning("known views of cameras are not kept: %s", error)
        self._is_failing = True

    def _stored(self, item: _Followed) -> StoredViews | None:
        """Return a camera's stored views; unusable ones are deleted."""
        camera_id = item.camera.spec.id
        try:
            stored = from_text(self._query(lambda: read_regular(item.file, MOST_BYTES)))
        except FileNotFoundError:
            return None
        except TimeoutError as error:
            self._note(error)
            return None
        except (OSError, ViewsUnreadable) as error:
            log.warning("camera %s: its view is learned anew: %s", camera_id, error)
            self._delete(item.file)
            return None
        if stored.source == item.source and not self._is_old(stored.written_at):
            return stored
        why = "the known one is old" if stored.source == item.source else "it has another source"
        log.info("camera %s: its view is learned anew: %s", camera_id, why)
        self._delete(item.file)
        return None

    def _sweep(self) -> None:
        """Delete files that no worker has used for a long time."""
        if self._folder is not None:
            folder = self._folder
            with suppress(OSError):
                self._query(lambda: self._delete_old(folder))

    def _delete_old(self, folder: Path) -> None:
        with os.scandir(folder) as there:
            for item in there:
                if item.name.endswith(_SUFFIX) and self._is_old(item.stat().st_mtime):
                    os.unlink(item)

    def _delete(self, file: Path) -> None:
        with suppress(OSError):  # a later start asks again whether it can be used
            self._query(lambda: file.unlink(missing_ok=True))

    def _query(self, work: Callable[[], T]) -> T:
        """Access the disk; raise `TimeoutError`, an `OSError`, while it hangs."""
        if self._monotonic() >= self._left_alone_until:
            with suppress(NoAnswer):
                return self._disk.ask(work)
            self._left_alone_until = self._monotonic() + LEFT_ALONE_S
        raise TimeoutError(f"{self._folder} does not answer")

    def _is_old(self, at: float) -> bool:
        return self._utc() - at > DELETED_AFTER_S


def _store(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, text, private=True)


def _entered(stored: StoredViews) -> tuple[int, ...]:
    return tuple(item.views for item in stored.views)
