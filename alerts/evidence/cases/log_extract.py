"""The action log of one alert as a file that proves itself, without the archive and offline.

Each entry carries its seal and the seal before it; entries that follow each other must link. What
the file cannot prove alone, that no other entry of the alert was left out, the chain's end does:
`thapcanh verify` on the site walks to the same hash.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from alerts.store.action_log import SEALED, LogRow, entry_hash

NAME = "action_log.json"
_FORM = "thapcanh.log.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractVerdict:
    """Whether every entry is as it was sealed; otherwise the first that is not."""

    ok: bool
    entries: int
    broken_seq: int | None = None
    why: str | None = None


def extract(rows: Sequence[LogRow]) -> bytes:
    """The file's text, which follows from the entries: the last of them is its head."""
    content = {
        "form": _FORM,
        "head": {"seq": rows[-1].seq, "hash": rows[-1].hash},
        "entries": [asdict(row) for row in rows],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def rows_of(path: Path) -> list[LogRow] | None:
    """The entries of an extract; return None where they cannot be read."""
    try:
        content: Any = json.loads(path.read_bytes())
        return [LogRow(**entry) for entry in content["entries"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def verify_extract(path: Path) -> ExtractVerdict:
    """Recompute every seal."""
    rows = rows_of(path)
    if rows is None:
        return ExtractVerdict(ok=False, entries=0, why="cannot be read")
    before: LogRow | None = None
    for row in rows:
        why = _fault(row, before)
        if why is not None:
            return ExtractVerdict(ok=False, entries=len(rows), broken_seq=row.seq, why=why)
        before = row
    return ExtractVerdict(ok=True, entries=len(rows))


def _fault(row: LogRow, before: LogRow | None) -> str | None:
    try:
        seal = entry_hash({name: getattr(row, name) for name in SEALED}, row.prev_hash)
    except (TypeError, ValueError, AttributeError):
        return "cannot be read"
    if seal != row.hash:
        return "was changed"
    if before is not None and row.seq <= before.seq:
        return "out of order"
    if before is not None and row.seq == before.seq + 1 and row.prev_hash != before.hash:
        return "does not follow the entry before it"
    return None
