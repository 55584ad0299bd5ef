"""A case folder's manifest: who made the files, when, by which model and rule, and their seals.

`verify_case` needs nothing but the folder: no database, no network. That the manifest itself is the
one that was made is shown by its sha256, which stands in the action log.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.queue.message import EvidenceRef
from thapcanh.config.files import is_draft
from thapcanh.detection.event import Event

MANIFEST = "manifest.json"
_FORM = "thapcanh.case.v1"


class SealFault(StrEnum):
    """What is wrong with a file of a case."""

    CHANGED = "changed"
    MISSING = "missing"
    NOT_LISTED = "not_listed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """One file and what is wrong with it."""

    name: str
    fault: SealFault


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerdict:
    """Whether every file is the one that was sealed."""

    files: int
    faults: tuple[FileFault, ...]

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """What of a film its file does not say: how long before the event it begins, and its length."""

    before_s: float
    duration_s: float


def manifest(
    event: Event,
    *,
    worker: str,
    made_at: float,
    files: Sequence[EvidenceRef],
    notes: Sequence[str],
    film: ClipFacts | None = None,
) -> bytes:
    """The manifest's text. Times are UTC unix seconds; the box is x, y, width, height 0..1."""
    content = {
        "form": _FORM,
        "worker": worker,
        "made_at": made_at,
        "camera": event.camera_id,
        "captured_at": event.captured_at,
        "model": {"name": event.model_name, "sha256": event.model_sha256},
        "rule": {"id": event.rule_id, "version": event.rule_version, "zone": event.zone_id},
        "event": asdict(event),
        "film": film and asdict(film),
        "files": [
            {
                "name": PurePosixPath(ref.path).name,
                "kind": ref.kind.value,
                "sha256": ref.sha256,
                "bytes": ref.bytes,
            }
            for ref in files
        ],
        "notes": list(notes),
    }
    # float: a number of numpy's, where a detector left one in the event
    return (json.dumps(content, ensure_ascii=False, indent=1, default=float) + "\n").encode()


def verify_case(folder: Path, manifest_sha256: str | None = None) -> CaseVerdict:
    """Compare each file with the manifest, and the manifest with its own seal where it is given.

    What a writer left that was killed is no part of the case.
    """
    listed = _listed(folder / MANIFEST)
    if listed is None:
        missing = SealFault.UNREADABLE if (folder / MANIFEST).exists() else SealFault.MISSING
        return CaseVerdict(files=0, faults=(FileFault(name=MANIFEST, fault=missing),))
    faults = []
    if manifest_sha256 is not None and file_sha256(folder / MANIFEST) != manifest_sha256:
        faults.append(FileFault(name=MANIFEST, fault=SealFault.CHANGED))
    for name, seal in listed.items():
        fault = _fault(folder / name, seal)
        if fault is not None:
            faults.append(FileFault(name=name, fault=fault))
    present = {path.name for path in folder.iterdir() if not is_draft(path.name)}
    for name in sorted(present - listed.keys() - {MANIFEST}):
        faults.append(FileFault(name=name, fault=SealFault.NOT_LISTED))
    return CaseVerdict(files=len(listed), faults=tuple(faults))


def _listed(path: Path) -> dict[str, str] | None:
    """Names and seals in a manifest; None when it cannot be read as one."""
    try:
        content: Any = json.loads(path.read_bytes())
        files = {str(item["name"]): str(item["sha256"]) for item in content["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if any(PurePosixPath(name).name != name for name in files) else files


def _fault(path: Path, seal: str) -> SealFault | None:
    try:
        return None if file_sha256(path) == seal else SealFault.CHANGED
    except FileNotFoundError:
        return SealFault.MISSING
    except OSError:
        return SealFault.UNREADABLE
