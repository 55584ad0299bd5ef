"""Chain of the action log: each entry is sealed with the one before it.

Cutting the end is detected by a copy of the last hash: `thapcanh verify` prints it, and the
handover sheet has it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

FIRST_PREVIOUS = ""  # what stands before the first entry
SEALED = ("seq", "at", "actor", "role", "action", "object_id", "reason", "note", "details")
_as_json = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """Stored entry; `details` is the text of a JSON object."""

    seq: int
    at: float
    actor: str
    role: str
    action: str
    object_id: str
    reason: str | None
    note: str | None
    details: str
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVerdict:
    """Result of a verification, with the first broken entry and its fault."""

    ok: bool
    entries: int
    last_hash: str
    broken_seq: int | None = None
    why: str | None = None


class LogSource(Protocol):
    """Source of the entries: the archive, or a list in a test."""

    def log_rows(self) -> Iterable[LogRow]: ...

    def log_head(self) -> tuple[int, str]:
        """Return number and hash of the last entry, as the writer remembers them."""
        ...


def canonical(entry: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON of an entry: sorted names, no spaces, UTF-8."""
    return _as_json({name: entry[name] for name in SEALED}).encode()


def entry_hash(entry: Mapping[str, Any], prev_hash: str) -> str:
    """Return the seal of an entry: hexadecimal sha256."""
    return hashlib.sha256(canonical(entry) + prev_hash.encode()).hexdigest()


def verify_chain(source: LogSource) -> ChainVerdict:
    """Verify the whole log; return the first entry changed, removed or inserted."""
    head_seq, head_hash = source.log_head()
    expected_seq, previous = 0, FIRST_PREVIOUS
    for row in source.log_rows():
        expected_seq += 1
        why = _fault(row, expected_seq, previous)
        if why is not None:
            return _broken(expected_seq, previous, why)
        previous = row.hash
    if head_seq > expected_seq:
        return _broken(expected_seq + 1, previous, "missing at the end")
    if (head_seq, head_hash) != (expected_seq, previous):
        return _broken(expected_seq, previous, "the end does not match what was last written")
    return ChainVerdict(ok=True, entries=expected_seq, last_hash=previous)


def _fault(row: LogRow, expected_seq: int, previous: str) -> str | None:
    if row.seq != expected_seq:
        return "missing" if row.seq > expected_seq else "out of order"
    if row.prev_hash != previous:
        return "does not follow the entry before it"
    fields = {name: getattr(row, name) for name in SEALED}
    if row.hash != entry_hash(fields, previous):
        return "was changed"
    return None


def _broken(seq: int, last_hash: str, why: str) -> ChainVerdict:
    return ChainVerdict(ok=False, entries=seq - 1, last_hash=last_hash, broken_seq=seq, why=why)
