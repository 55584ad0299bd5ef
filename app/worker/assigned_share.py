"""A worker's share as the Fleet hands it over: a small file, replaced whole, with its epoch.

The node writes it, the worker reads it at each tick. A file that vanished or cannot be read leaves
the last share in force: a worker whose Fleet is away goes on watching what it was given.
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.registry.handed import RECORD_DAYS
from config.files import replace_file

log = logging.getLogger(__name__)

WORKER_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")
_FORM = "thapcanh.share.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFile:
    """What a share file says. A share with a lower epoch is older, and never follows."""

    epoch: int
    cameras: frozenset[str]
    tables: Mapping[str, Sequence[dict[str, Any]]] = field(default_factory=dict, repr=False)
    """What the cameras are, where the worker reads that nowhere else: with their logins."""


class AssignedShare:
    """The cameras that a file names; the worker is called like the file. One thread."""

    def __init__(self, path: Path) -> None:
        """Raise `ValueError` for a name that no worker may have."""
        if not WORKER_ID.match(path.stem):
            raise ValueError(f"{path.stem!r} cannot be a worker's name: a-z, 0-9, '.', '_', '-'")
        self.worker_id = path.stem
        self._path = path
        self._share = ShareFile(epoch=0, cameras=frozenset())
        self._seen: tuple[int, int, int] | None = None
        self._warned: tuple[int, int, int] | None = None
        self.poll()

    @property
    def tables(self) -> Mapping[str, Sequence[dict[str, Any]]]:
        """What the cameras are; the same object until it is another."""
        return self._share.tables

    @property
    def record_days(self) -> dict[str, float]:
        """For how many days the film of each camera is kept that has its own days."""
        listed = self._share.tables.get(RECORD_DAYS, ())
        return {str(one["camera"]): float(one["days"]) for one in listed if _is_days(one)}

    @property
    def told(self) -> str:
        """For the log: how many cameras, and of which assignment."""
        return f"{self.worker_id}: {len(self._share.cameras)} cameras, epoch {self._share.epoch}"

    def has(self, camera_id: str) -> bool:
        """Whether the camera was given to this worker."""
        return camera_id in self._share.cameras

    def poll(self) -> bool:
        """Read the file where it is another one; return whether cameras came or left."""
        seen = _fingerprint(self._path)
        if seen is None or seen == self._seen:
            return False
        try:
            share = read_share(self._path)
        except (OSError, ValueError) as error:
            self._warn_once(seen, error)
            return False
        self._seen = seen
        if share.epoch < self._share.epoch:
            log.warning(
                "%s: epoch %d is older than %d, not followed",
                self.worker_id, share.epoch, self._share.epoch,
            )  # fmt: skip
            return False
        before = self._share
        same = share.tables == before.tables
        self._share = replace(share, tables=before.tables) if same else share
        return share.cameras != before.cameras

    def _warn_once(self, seen: tuple[int, int, int], error: Exception) -> None:
        """The file is read again at the next tick: a disk may fail for a moment."""
        if seen != self._warned:
            log.warning("the share in %s cannot be read, the last one stays: %s", self._path, error)
        self._warned = seen


def _is_days(one: Any) -> bool:
    days = one.get("days") if isinstance(one, dict) and "camera" in one else None
    return isinstance(days, int | float) and not isinstance(days, bool) and days > 0


def read_share(path: Path) -> ShareFile:
    """Read a share file. Raise `OSError` or `ValueError` for what is none."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("form") != _FORM:
        raise ValueError("is not a share of cameras")
    epoch, cameras, tables = content.get("epoch"), content.get("cameras"), content.get("tables")
    if not isinstance(epoch, int) or not isinstance(cameras, list):
        raise ValueError("has no epoch, or no list of cameras")
    return ShareFile(
        epoch=epoch,
        cameras=frozenset(map(str, cameras)),
        tables=tables if isinstance(tables, dict) else {},
    )


def write_share(
    path: Path,
    epoch: int,
    cameras: Iterable[str],
    tables: Mapping[str, Sequence[dict[str, Any]]] | None = None,
) -> bool:
    """Replace a share file whole; return False, and write nothing, where a newer one is there."""
    with suppress(OSError, ValueError):
        if read_share(path).epoch > epoch:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"form": _FORM, "epoch": epoch, "cameras": sorted(cameras), "tables": tables or {}}
    text = json.dumps(content, default=str)  # of TOML's own kinds: dates and times
    replace_file(path, text, private=True)  # logins stand in it
    return True


def _fingerprint(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
