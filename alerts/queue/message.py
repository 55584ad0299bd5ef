"""Stream form of an event: flat CloudEvents names under 2 KB.

`encode` never refuses an event: long texts are shortened, numbers brought into range. `decode` is
strict and raises `WireError`; it ignores unknown names of newer workers.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from thapcanh.alerts.queue.message_schema import (
    MAX_ENTRY_BYTES,
    MAX_REASONS,
    SIGNATURE_BYTES,
    EventDataSchema,
    EventEntrySchema,
)
from thapcanh.alerts.store.errors import WireError
from thapcanh.detection.event import Event, EventPhase

Entry = dict[str, str]

LATE = "late"  # begins the error of evidence that waits and still may come

_NAME_CHARS = 64
_PARTS = 6  # of a file's path: year, month, day, camera, event, name
_REASON_CHARS = 200
_MOST_BYTES = MAX_ENTRY_BYTES - SIGNATURE_BYTES
_TYPE_PREFIX = "thapcanh.event."
_TYPE_SUFFIX = ".v1"


class EvidenceKind(StrEnum):
    """Kind of an evidence file."""

    SNAPSHOT = "snapshot"  # the frame as the camera sent it
    SNAPSHOT_BOXED = "snapshot_boxed"  # the same with the box drawn
    CLIP_START = "clip_start"  # film up to the moment the event was raised
    CLIP = "clip"  # film from before the event until after it
    CLIP_VIEWING = "clip_viewing"  # the same film encoded again, where browsers cannot play it
    MANIFEST = "manifest"  # who, when, model, rule and the sha256 of each other file


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRef:
    """Evidence file: its path below the evidence folder, and its seal."""

    kind: EvidenceKind
    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An event with its sender, its place in the sender's sequence, and its evidence."""

    event: Event
    source: str
    producer_epoch: int
    producer_seq: int
    spooled_at: float
    evidence: tuple[EvidenceRef, ...] = ()
    evidence_error: str | None = None
    evidence_only: bool = False  # brings files for an event already told; nothing new was seen


def evidence_error_after(before: str | None, message: Message) -> str | None:
    """Return an alert's evidence error after a message; lateness ends with the files."""
    if message.evidence_error is not None:
        return message.evidence_error
    received = bool(message.evidence) and before is not None and before.startswith(LATE)
    return None if received else before


def evidence_folder(event: Event) -> str:
    """Return the folder of an event's files, relative: date, camera, event."""
    day = datetime.fromtimestamp(event.captured_at, UTC).strftime("%Y/%m/%d")
    return f"{day}/{event.camera_id}/{event.event_id}"


def is_path_of(path: str, event: Event) -> bool:
    """Return whether a file is in this event's folder, of any date."""
    return _owner_of(path) == (event.camera_id, event.event_id)


def is_path_of_another(path: str, event_id: str) -> bool:
    """Return whether a file is in another event's folder."""
    owner = _owner_of(path)
    return owner is not None and owner[1] != event_id


def _owner_of(path: str) -> tuple[str, str] | None:
    """Return the camera and event of a file's folder, or None."""
    parts = path.split("/")
    is_dated = len(parts) == _PARTS and all(one.isdecimal() for one in parts[:3])
    return (parts[3], parts[4]) if is_dated else None


def encode(message: Message) -> Entry:
    """Return the stream entry of a message, always below `MAX_ENTRY_BYTES`, its signature too."""
    entry = _entry(message)
    over = entry_bytes(entry) - _MOST_BYTES
    if over <= 0:
        return entry
    reason = message.event.reason.encode()[: max(0, _REASON_CHARS - over)].decode(errors="ignore")
    message = replace(message, event=replace(message.event, reason=reason))
    entry = _entry(message)
    if entry_bytes(entry) > _MOST_BYTES:
        message = replace(message, event=replace(message.event, reasons=()))
        entry = _entry(message)
    if entry_bytes(entry) > _MOST_BYTES:
        entry = _entry(replace(message, event=replace(message.event, reason=""), evidence_error=""))
    return entry


def decode(fields: Mapping[str, str]) -> Message:
    """Return the message of a stream entry, or raise `WireError` saying what is wrong with it."""
    try:
        entry = EventEntrySchema.model_validate(dict(fields))
        data = EventDataSchema.model_validate_json(entry.data, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise WireError(f"not an event: {where or 'data'}: {first['msg']}") from None
    return Message(
        event=_event(entry, data),
        source=entry.source,
        producer_epoch=int(entry.producer_epoch),
        producer_seq=int(entry.producer_seq),
        spooled_at=data.spooled_at,
        evidence=_refs(data),
        evidence_error=data.evidence_error,
        evidence_only=data.evidence_only,
    )


def entry_bytes(entry: Mapping[str, str]) -> int:
    """Return the bytes of names and values together."""
    return sum(len(name.encode()) + len(value.encode()) for name, value in entry.items())


def _entry(message: Message) -> Entry:
    event = message.event
    return {
        "id": event.id,
        "event_id": event.event_id,
        "source": message.source,
        "producer_epoch": str(message.producer_epoch),
        "producer_seq": str(message.producer_seq),
        "type": f"{_TYPE_PREFIX}{event.phase}{_TYPE_SUFFIX}",
        "time": _iso(event.captured_at),
        "subject": event.camera_id,
        "data": json.dumps(_data(message), ensure_ascii=False, separators=(",", ":")),
    }


def _data(message: Message) -> dict[str, Any]:
    event = message.event
    data: dict[str, Any] = {
        "kind": event.kind,
        "rule": event.rule_id,
        "rule_version": event.rule_version,
        "zone": event.zone_id,
        "priority": event.priority,
        "box": [_unit(value) for value in event.box],
        "confidence": _unit(event.confidence),
        "label": event.label[:_NAME_CHARS],
        "track": None if event.track_id is None else int(event.track_id),
        "model": event.model_name[:_NAME_CHARS],
        "model_sha256": event.model_sha256,
        "at_s": float(event.at_s),
        "captured_at": float(event.captured_at),
        "inferred_at": float(event.inferred_at),
        "spooled_at": message.spooled_at,
        "reason": event.reason.encode()[:_REASON_CHARS].decode(errors="ignore"),
        "unchecked": event.unchecked,
    }
    if event.belief is not None:
        data["belief"] = round(_unit(event.belief), 4)
    if event.reasons:
        data["reasons"] = _reasons(event)
    if event.exercise:
        data["exercise"] = True
    if event.call is not None:
        data["call"] = event.call
    if message.evidence:
        data["evidence"] = _evidence(message.evidence)
    if message.evidence_error is not None:
        data["evidence_error"] = message.evidence_error[:_NAME_CHARS]
    if message.evidence_only:
        data["evidence_only"] = True
    return data


def _evidence(refs: tuple[EvidenceRef, ...]) -> dict[str, Any]:
    """Return the evidence with the common folder written once, to save bytes."""
    folder = str(PurePosixPath(refs[0].path).parent)
    files = [
        {
            "kind": ref.kind.value,
            "name": str(PurePosixPath(ref.path).relative_to(folder)),
            "sha256": ref.sha256,
            "bytes": ref.bytes,
        }
        for ref in refs
    ]
    return {"folder": folder, "files": files}


def _refs(data: EventDataSchema) -> tuple[EvidenceRef, ...]:
    if data.evidence is None:
        return ()
    return tuple(
        EvidenceRef(
            kind=EvidenceKind(file.kind),
            path=f"{data.evidence.folder}/{file.name}",
            sha256=file.sha256,
            bytes=file.bytes,
        )
        for file in data.evidence.files
    )


def _event(entry: EventEntrySchema, data: EventDataSchema) -> Event:
    return Event(
        id=entry.id,
        event_id=entry.event_id,
        phase=EventPhase(entry.type.removeprefix(_TYPE_PREFIX).removesuffix(_TYPE_SUFFIX)),
        kind=data.kind,
        camera_id=entry.subject,
        rule_id=data.rule,
        rule_version=data.rule_version,
        zone_id=data.zone,
        priority=data.priority,
        box=data.box,
        confidence=data.confidence,
        label=data.label,
        track_id=data.track,
        model_name=data.model,
        model_sha256=data.model_sha256,
        at_s=data.at_s,
        captured_at=data.captured_at,
        inferred_at=data.inferred_at,
        reason=data.reason,
        unchecked=data.unchecked,
        belief=data.belief,
        reasons=tuple(data.reasons.items()),
        exercise=data.exercise,
        call=data.call,
    )


def _reasons(event: Event) -> dict[str, float]:
    """Return weights by name, limited to what `decode` accepts."""
    return {
        name[:_NAME_CHARS] or "-": 0.0 if math.isnan(weight) else min(100.0, max(-100.0, weight))
        for name, weight in event.reasons[:MAX_REASONS]
    }


def _unit(value: float) -> float:
    """0..1; a value that is not a number becomes 0, for the event matters more than the figure."""
    return 0.0 if math.isnan(value) else min(1.0, max(0.0, float(value)))


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")[:-6] + "Z"
