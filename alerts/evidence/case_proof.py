"""That nothing was left out of a case: what its log's last entry says of the folder.

Before a case leaves, an entry is written that names how many entries and which files it has. The
seal of that entry, kept elsewhere, proves folder and log together: `thapcanh verify FOLDER --seal`.
Pure but for `verify_proof`, which reads the folder.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from alerts.action_log import LogRow
from alerts.evidence.case_folder import MANIFEST
from alerts.evidence.log_extract import NAME, rows_of

LISTED = "case_listed"  # the action of the entry
_TEXT = "text"  # a kind in the manifest: made at the export, not evidence


def commitment(rows: Sequence[LogRow], files: Mapping[str, str]) -> dict[str, Any]:
    """What the entry says: the alert's entries before it, and the files' names with their seals."""
    return {
        "entries": len(rows),
        "entries_sha256": _digest([row.hash for row in rows]),
        "case_files": len(files),
        "case_files_sha256": _digest(sorted(files.items())),
    }


def not_copied(sha256: str) -> str:
    """What stands for the seal of a file that is left out as no copy of it could be made."""
    return f"not_copied:{sha256}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A file of a manifest; `original` is the seal of what it was made of, or its own."""

    name: str
    sha256: str
    kind: str
    original: str


def verify_proof(folder: Path, seal: str | None = None) -> list[str]:
    """Return what is wrong, in words; empty if folder and log agree and the seal is that given."""
    rows = rows_of(folder / NAME)
    manifest = _manifest(folder / MANIFEST)
    if rows is None or manifest is None:
        return [f"{NAME} or {MANIFEST} cannot be read: nothing shows that nothing was left out"]
    if not rows or rows[-1].action != LISTED:
        return [f"{NAME} does not end with the entry that lists the case: something was left out"]
    evidence = {one.name: one.sha256 for one in manifest if one.kind != _TEXT}
    said, expected = _details(rows[-1]), commitment(rows[:-1], evidence)
    wrong = []
    if said.get("entries_sha256") != expected["entries_sha256"]:
        wrong.append(f"{NAME} has {len(rows) - 1} entries and not the {said.get('entries')} listed")
    if said.get("case_files_sha256") != expected["case_files_sha256"]:
        wrong.append(
            f"{MANIFEST} has {len(evidence)} files of evidence and not those "
            f"{said.get('case_files')} that the log lists"
        )
    wrong += _left_out(rows, {one.original for one in manifest})
    if seal is not None and rows[-1].hash != seal.strip().lower():
        wrong.append(f"{NAME} ends with the seal {rows[-1].hash}, not with the one given")
    return wrong


def _left_out(rows: Sequence[LogRow], kept: set[str]) -> Iterator[str]:
    """Files that an entry sealed, and the folder has not: unless they were deleted, or renewed."""
    newest: dict[str, str] = {}
    for row in rows:
        details = _details(row)
        files, deleted = details.get("files"), details.get("paths")
        if isinstance(files, dict):
            newest.update(files)
        for path in deleted if isinstance(deleted, list) else ():
            newest.pop(str(path), None)
    for path, sha in sorted(newest.items()):
        if sha not in kept:
            yield f"{PurePosixPath(path).name} (sha256 {sha}) is in the log and not in the folder"


def _details(row: LogRow) -> dict[str, Any]:
    try:
        found = json.loads(row.details)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _manifest(path: Path) -> list[_Listed] | None:
    """What is in the folder, and what is said to be left out of it as no copy could be made."""
    try:
        content: Any = json.loads(path.read_bytes())
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
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(values: object) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
