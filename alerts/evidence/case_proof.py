"""That nothing was left out of a case: what its log's last entry says of the folder.

Before a case leaves, an entry is written that names how many entries and which files it has. The
seal of that entry, kept elsewhere, proves folder and log together: `thapcanh verify FOLDER --seal`.
Pure but for `verify_proof`, which reads the folder.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
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


def verify_proof(folder: Path, seal: str | None = None) -> list[str]:
    """Return what is wrong, in words; empty if folder and log agree and the seal is that given."""
    rows = rows_of(folder / NAME)
    manifest = _manifest(folder / MANIFEST)
    if rows is None or manifest is None:
        return [f"{NAME} or {MANIFEST} cannot be read: nothing shows that nothing was left out"]
    if not rows or rows[-1].action != LISTED:
        return [f"{NAME} does not end with the entry that lists the case: something was left out"]
    evidence = {name: sha for name, sha, kind in manifest if kind != _TEXT}
    said, expected = _details(rows[-1]), commitment(rows[:-1], evidence)
    wrong = []
    if said.get("entries_sha256") != expected["entries_sha256"]:
        wrong.append(f"{NAME} has {len(rows) - 1} entries and not the {said.get('entries')} listed")
    if said.get("case_files_sha256") != expected["case_files_sha256"]:
        wrong.append(
            f"{MANIFEST} has {len(evidence)} files of evidence and not those "
            f"{said.get('case_files')} that the log lists"
        )
    wrong += _left_out(rows, set(evidence.values()))
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


def _manifest(path: Path) -> list[tuple[str, str, str]] | None:
    try:
        content: Any = json.loads(path.read_bytes())
        return [
            (str(one["name"]), str(one["sha256"]), str(one["kind"])) for one in content["files"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest(values: object) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
