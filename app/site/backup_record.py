"""Record of the last backups: a small file in the data folder.

`thapcanh backup` writes it; the centre raises an alert if backups fail or stop.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from thapcanh.config.files import read_regular, replace_file

_MOST_BYTES = 4096
_ERROR_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRecord:
    """Time of the newest complete backup, in UTC seconds, and why a later one failed."""

    made_at: float | None = None
    error: str | None = None


_FORM = TypeAdapter(BackupRecord)


def read_backups(path: Path) -> BackupRecord | None:
    """Return the record, or None if no backup was tried. A damaged one reads as empty."""
    try:
        return _FORM.validate_json(read_regular(path, _MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        return BackupRecord()


def record_success(path: Path, now: float) -> None:
    """Store that a whole backup was made. Raises `OSError`."""
    _write(path, BackupRecord(made_at=now))


def record_failure(path: Path, error: str) -> None:
    """Store why a backup failed; the last success stays. Raises `OSError`."""
    before = read_backups(path) or BackupRecord()
    line = error.strip().partition("\n")[0][:_ERROR_LENGTH]
    _write(path, BackupRecord(made_at=before.made_at, error=line))


def _write(path: Path, record: BackupRecord) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(asdict(record)) + "\n")
