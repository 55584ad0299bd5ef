"""Manifest of an evidence folder: makers, times, model, rule and seals."""

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
    """Fault of a file."""

    CHANGED = "changed"
    MISSING = "missing"
    NOT_LISTED = "not_listed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """File and its fault."""

    name: str
    fault: SealFault


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerdict:
    """Result of a verification."""

    files: int
    faults: tuple[FileFault, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """Facts of a clip that its file lacks: seconds before the event, and its length."""

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
    """Return the manifest. Times are UTC unix seconds; the box is x, y, width, height 0..1."""
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
    """Compare each file with the manifest, and the manifest with its seal if given.

    Drafts of a killed writer are ignored.
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
    """Return names and seals in a manifest; None if it is unreadable."""
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
