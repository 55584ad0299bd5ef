"""State of an export, the job of its child process, and its copies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from thapcanh.app.exports.child import CopyJob


class ExportState(StrEnum):
    WAITING = "waiting"  # others are made before it
    RUNNING = "running"
    DONE = "done"  # it can be fetched
    CANCELLED = "cancelled"
    FAILED = "failed"  # nothing can be fetched; `error` says why


class ExportFault(StrEnum):
    """Why an export failed: names of sentences."""

    NO_MODEL = "export_no_model"
    LIMITED = "export_took_too_long"
    FAILED = "export_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCopy:
    """Result for one video or picture. `path` is None if no copy could be made."""

    path: Path | None
    unreadable: int = 0
    """Parts of a film that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedExport:
    """The child's job, and the key of each of its items."""

    job: CopyJob
    keys: Sequence[str]


Prepare = Callable[[Path], PreparedExport]
"""Fetches originals into a folder; there the copies belong too. Raises `ExportUnprepared`."""


class ExportUnprepared(Exception):
    """The originals cannot be read now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """An export. `subject` is what it exports."""

    id: str
    owner: str
    subject: Any
    folder: Path
    session: str = ""
    is_welcome: Callable[[], bool] = lambda: True
    """True if its owner may still have it; asked again and again until it is made."""
    state: ExportState = ExportState.WAITING
    share: float = 0.0
    error: ExportFault | None = None
    copies: Mapping[str, ExportCopy] = field(default_factory=dict)
    ended_s: float = 0.0


OPEN_STATES = frozenset({ExportState.WAITING, ExportState.RUNNING})
