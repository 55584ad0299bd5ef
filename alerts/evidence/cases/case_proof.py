"""Proof that an exported package is complete and unchanged."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from thapcanh.alerts.evidence.cases.case_folder import MANIFEST
from thapcanh.alerts.store.action_log import SEALED, LogRow, entry_hash

LISTED = "case_listed"  # the action of the entry
SEAL = "seal"  # in the manifest: the entry's own hash
_TEXT = "text"  # a kind in the manifest: made at the export, not evidence
_STATED = "manifest_says_sha256"  # in the entry since it seals every file
NAME = "action_log.json"
_FORM = "thapcanh.log.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A file of a manifest; `original` is the seal of what it was made of, or its own."""

    name: str
    sha256: str
    kind: str
    original: str


def commitment(rows: Sequence[LogRow], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of the entry: earlier entries, every file with its seal, the manifest.

    `manifest` is the content without its own seal and the log's file.
    """
    content = _without_log(manifest)
    return {
        "entries": len(rows),
        "entries_sha256": _digest([row.hash for row in rows]),
        "case_files": {one.name: one.sha256 for one in _files_of(content)},
        _STATED: _digest(content),
    }


def not_copied(sha256: str) -> str:
    """Return what replaces the seal of a file of which no copy could be made."""
    return f"not_copied:{sha256}"


def verify_proof(folder: Path, seal: str | None = None) -> list[str]:
    """Return what is wrong, in words; empty if folder and log agree and the seal is that given."""
    rows = rows_of(folder / NAME)
    manifest = _manifest(folder / MANIFEST)
    if rows is None or manifest is None:
        return [f"{NAME} or {MANIFEST} cannot be read: nothing shows that nothing was left out"]
    if not rows or rows[-1].action != LISTED:
        return [f"{NAME} does not end with the entry that lists the case: something was left out"]
    logged = _details(rows[-1])
    wrong = []
    if logged.get("entries_sha256") != _digest([row.hash for row in rows[:-1]]):
        wrong.append(
            f"{NAME} has {len(rows) - 1} entries and not the {logged.get('entries')} listed"
        )
    if _STATED in logged:
        wrong += _not_as_listed(logged, rows[:-1], manifest)
        if (folder / NAME).read_bytes() != extract(rows):
            wrong.append(f"{NAME} holds more than its entries")
    else:
        wrong += _not_as_counted(logged, _files_of(manifest))
    wrong += _left_out(rows, {one.original for one in _files_of(manifest)})
    if seal is not None and rows[-1].hash != seal.strip().lower():
        wrong.append(f"{NAME} ends with the seal {rows[-1].hash}, not with the one given")
    return wrong


def uncovered(folder: Path) -> list[str]:
    """Return what the seal of a package does not cover; empty for new packages."""
    rows, manifest = rows_of(folder / NAME), _manifest(folder / MANIFEST)
    if not rows or manifest is None or _STATED in _details(rows[-1]):
        return []
    texts = [one.name for one in _files_of(manifest) if one.kind == _TEXT and one.name != NAME]
    return [*texts, f"{MANIFEST} (but for the names and seals of evidence)"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractVerdict:
    """Result for the entries, with the first fault."""

    ok: bool
    entries: int
    broken_seq: int | None = None
    why: str | None = None


def extract(rows: Sequence[LogRow]) -> bytes:
    """Return the file's text; the last entry is its head."""
    content = {
        "form": _FORM,
        "head": {"seq": rows[-1].seq, "hash": rows[-1].hash},
        "entries": [asdict(row) for row in rows],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def rows_of(path: Path) -> list[LogRow] | None:
    """Return the entries of an extract, or None if it is unreadable."""
    try:
        content: Any = json.loads(path.read_bytes())
        return [LogRow(**entry) for entry in content["entries"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def verify_extract(path: Path) -> ExtractVerdict:
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


def _not_as_listed(
    logged: Mapping[str, Any], before: Sequence[LogRow], manifest: Mapping[str, Any]
) -> Iterator[str]:
    """Yield each file that differs from the entry's list, else a difference of the manifest."""
    expected, listed = commitment(before, manifest), logged.get("case_files")
    if not isinstance(listed, dict):
        yield f"{NAME} ends with an entry that lists no files"
        return
    files = expected["case_files"]
    for name in sorted(listed.keys() | files.keys()):
        if listed.get(name) != files.get(name):
            yield f"{name} is not as the log lists it"
    if listed == files and logged[_STATED] != expected[_STATED]:
        yield f"{MANIFEST} says something else than what was sealed"


def _not_as_counted(logged: Mapping[str, Any], manifest: Sequence[_Listed]) -> Iterator[str]:
    """Yield differences of an older package's evidence from the log."""
    evidence = {one.name: one.sha256 for one in manifest if one.kind != _TEXT}
    if logged.get("case_files_sha256") != _digest(sorted(evidence.items())):
        yield (
            f"{MANIFEST} has {len(evidence)} files of evidence and not those "
            f"{logged.get('case_files')} that the log lists"
        )


def _left_out(rows: Sequence[LogRow], retained: set[str]) -> Iterator[str]:
    """Yield sealed files missing in the folder that were neither deleted nor renewed."""
    newest: dict[str, str] = {}
    for row in rows:
        details = _details(row)
        files, deleted = details.get("files"), details.get("paths")
        if isinstance(files, dict):
            newest.update(files)
        for path in deleted if isinstance(deleted, list) else ():
            newest.pop(str(path), None)
    for path, sha in sorted(newest.items()):
        if sha not in retained:
            yield f"{PurePosixPath(path).name} (sha256 {sha}) is in the log and not in the folder"


def _details(row: LogRow) -> dict[str, Any]:
    try:
        found = json.loads(row.details)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _manifest(path: Path) -> dict[str, Any] | None:
    """Return a manifest's content, or None if it is unreadable."""
    try:
        content = json.loads(path.read_bytes())
        _files_of(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _files_of(content: Mapping[str, Any]) -> list[_Listed]:
    """Return the files in the folder, and those left out without a copy."""
    files = [
        _Listed(
            name=str(one["name"]),
            sha256=str(one["sha256"]),
            kind=str(one["kind"]),
            original=str(one.get("derived_from", one)["sha256"]),
        )
        for one in content["files"]
    ]
    return files + [
        _Listed(
            name=str(one["name"]),
            sha256=not_copied(str(one["sha256"])),
            kind=str(one["kind"]),
            original=str(one["sha256"]),
        )
        for one in content.get("not_copied", ())
    ]


def _without_log(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest's content as it was before the entry was written."""
    retained = {name: value for name, value in content.items() if name != SEAL}
    return retained | {"files": [one for one in content["files"] if one["name"] != NAME]}


def _digest(values: object) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _fault(row: LogRow, before: LogRow | None) -> str | None:
    """Return what is wrong with an entry, by its own hash or the entry before it, or None."""
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
