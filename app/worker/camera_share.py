"""Share of cameras of a worker: by index, or assigned by the Fleet.

If it is missing or unreadable, the last share stays in force, so that a worker without Fleet goes
on.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from thapcanh.app.registry.registry_share import RECORD_DAYS
from thapcanh.config.files import replace_file

log = logging.getLogger(__name__)
WORKER_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")
_FORM = "thapcanh.share.v1"


class CameraShare(Protocol):
    """Share of cameras of a worker."""

    @property
    def worker_id(self) -> str:
        """The `source` of this worker's events."""
        ...

    @property
    def told(self) -> str:
        """For the log: whose share it is."""
        ...

    @property
    def record_days(self) -> Mapping[str, float]: ...

    def has(self, camera_id: str) -> bool:
        """Return True if the camera is this worker's."""
        ...

    def poll(self) -> bool:
        """Return True if the share changed since the last call."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerShare:
    """Index of this worker, from 0, and the number of workers."""

    index: int
    of: int

    @property
    def worker_id(self) -> str:
        """The `source` of this worker's events."""
        return f"worker-{self.index}"

    @property
    def told(self) -> str:
        """For the log: which of how many."""
        return f"{self.worker_id} of {self.of}"

    @property
    def record_days(self) -> Mapping[str, float]:
        """None: it reads the whole site."""
        return {}

    @property
    def exists(self) -> bool:
        """True if the index is valid; otherwise the worker would watch nothing."""
        return 0 <= self.index < self.of

    def poll(self) -> bool:
        """Return False: the share never changes."""
        return False

    def has(self, camera_id: str) -> bool:
        """Return True if the camera is this worker's.

        The highest hash wins, so few cameras move when the number of workers changes (rendezvous
        hashing, Thaler and Ravishankar 1998).
        """
        return int(np.argmax(_weights(camera_id, self.of))) == self.index


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIXING = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFile:
    """Content of a share file. A share with a lower epoch is older and is ignored."""

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
        self._visible: tuple[int, int, int] | None = None
        self._warned: tuple[int, int, int] | None = None
        self.poll()

    @property
    def tables(self) -> Mapping[str, Sequence[dict[str, Any]]]:
        """Tables of the cameras; the same object until they change."""
        return self._share.tables

    @property
    def record_days(self) -> dict[str, float]:
        """Retention days of cameras that have their own."""
        listed = self._share.tables.get(RECORD_DAYS, ())
        return {str(item["camera"]): float(item["days"]) for item in listed if _is_days(item)}

    @property
    def told(self) -> str:
        """For the log: how many cameras, and of which assignment."""
        return f"{self.worker_id}: {len(self._share.cameras)} cameras, epoch {self._share.epoch}"

    def has(self, camera_id: str) -> bool:
        return camera_id in self._share.cameras

    def poll(self) -> bool:
        """Read the file if it changed; return True if cameras came or left."""
        fingerprint = _fingerprint(self._path)
        if fingerprint is None or fingerprint == self._visible:
            return False
        try:
            share = read_share(self._path)
        except (OSError, ValueError) as error:
            self._warn_once(fingerprint, error)
            return False
        self._visible = fingerprint
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

    def _warn_once(self, fingerprint: tuple[int, int, int], error: Exception) -> None:
        """Log an unreadable file once; it is read again at the next tick."""
        if fingerprint != self._warned:
            log.warning("the share in %s cannot be read, the last one stays: %s", self._path, error)
        self._warned = fingerprint


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
    """Replace a share file; return False, unchanged, if a newer one is there."""
    with suppress(OSError, ValueError):
        if read_share(path).epoch > epoch:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"form": _FORM, "epoch": epoch, "cameras": sorted(cameras), "tables": tables or {}}
    text = json.dumps(content, default=str)  # of TOML's own kinds: dates and times
    replace_file(path, text, private=True)  # logins stand in it
    return True


def _weights(camera_id: str, workers: int) -> npt.NDArray[np.uint64]:
    """Return a camera's hash for each worker: one digest mixed with every index (SplitMix64).

    A digest for each of 800 workers took a minute over 40,000 cameras.
    """
    digest = hashlib.blake2b(camera_id.encode(), digest_size=8).digest()
    mixed = np.arange(1, workers + 1, dtype=np.uint64) * _GOLDEN
    mixed += np.uint64(int.from_bytes(digest, "big"))
    for shift, factor in _MIXING:
        mixed ^= mixed >> shift
        mixed *= factor
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _is_days(item: Any) -> bool:
    days = item.get("days") if isinstance(item, dict) and "camera" in item else None
    return isinstance(days, int | float) and not isinstance(days, bool) and days > 0


def _fingerprint(path: Path) -> tuple[int, int, int] | None:
    """Return inode, mtime and size, which show a change; None if the file is unreadable."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
