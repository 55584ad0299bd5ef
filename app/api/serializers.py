"""Records of the archive as the forms that are sent out."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from alerts.archive import Alert, EvidenceRecord, LogEntry
from alerts.archive.repositories.evidence.legal_holds import LegalHold
from app.api.camera_board import CameraReport, reason_of, sees, state_of
from app.api.camera_claims import Status
from app.api.people import People
from app.api.schemas.alerts import (
    AlertDetailResponse,
    AlertResponse,
    EarlierAlertResponse,
    EvidenceResponse,
    LegalHoldResponse,
    LogEntryResponse,
    StepTimesResponse,
    evidence_url,
)
from app.api.schemas.cameras import CameraResponse, CrossingsResponse, WorkerResponse
from config.camera import CameraConfig
from config.registry.watch_area import watch_area_of

_YEAR_9999 = 253370764800.0
_SAME_NAME = tuple(AlertResponse.model_fields.keys() & Alert.__dataclass_fields__.keys())


def alert_response(alert: Alert, people: People) -> AlertResponse:
    """An alert for lists and streams."""
    return AlertResponse.model_validate(_facts(alert, people))


def alert_detail_response(
    alert: Alert, files: list[EvidenceRecord], log: list[LogEntry], people: People
) -> AlertDetailResponse:
    """An alert with its files, its log and its times."""
    facts = _facts(alert, people)
    facts["evidence"] = [_evidence(record) for record in files if record.deleted_at is None]
    facts["log"] = [_log_entry(entry, people) for entry in log]
    facts["steps"] = StepTimesResponse.model_validate(asdict(alert.steps))
    return AlertDetailResponse.model_validate(facts)


def earlier_alert_response(earlier: Alert, *, same_event: bool) -> EarlierAlertResponse:
    """The alert before another, with what is left of its evidence."""
    return EarlierAlertResponse(
        id=earlier.id,
        number=earlier.number,
        raised_at=earlier.raised_at,
        same_event=same_event,
        snapshot=_url(earlier.snapshot),
        film=_url(earlier.clip),
    )


def legal_hold_response(hold: LegalHold, people: People) -> LegalHoldResponse:
    """A hold with names."""
    facts = {name: getattr(hold, name) for name in LegalHold.__dataclass_fields__}
    for name in ("set_by", "ended_by"):
        facts[name] = people.person(facts[name])
    return LegalHoldResponse.model_validate({**facts, "alert": facts.pop("alert_id")})


def camera_state(camera: CameraConfig, report: CameraReport) -> dict[str, Any]:
    """What the site says of a camera and how it is; all of `CameraResponse` but what it counts."""
    worker, said = report.cameras.get(camera.id, (None, {}))
    return {
        "id": camera.id,
        "name": camera.name,
        "area": camera.area,
        "agency": camera.agency,
        "lat": camera.lat,
        "lon": camera.lon,
        "bearing_deg": camera.bearing_deg,
        "state": state_of(camera.id, report),
        "reason": reason_of(camera.id, report),
        "detail": _text(said.get("detail")),
        "picture": _text(said.get("picture")),
        "since": _moment(said.get("since")),
        "worker": worker,
        "sees": sees(camera.id, report),
        "ends_at": None,
        "turns": camera.turns,
        "moving": said.get("moving") is True,
    }


def camera_response(camera: CameraConfig, report: CameraReport) -> CameraResponse:
    """A camera of the site with its worker's word on it."""
    _, said = report.cameras.get(camera.id, (None, {}))
    return CameraResponse(
        **camera_state(camera, report),
        fps=_number(said.get("fps")),
        codec=_text(said.get("codec")),
        last_frame_at=_moment(said.get("last_frame_at")),
        look_interval_s=_number(said.get("look_interval_s")),
        decoding=_text(said.get("decoding")),
        decoding_reason=_text(said.get("decoding_reason")),
        crossings=_crossings(said.get("crossings")),
        events=_truth(said.get("events")),
        events_detail=_text(said.get("events_detail")),
    )


def worker_response(status: Status) -> WorkerResponse:
    """A worker's report, its cameras only counted."""
    cameras = [camera for camera in status.get("cameras") or () if isinstance(camera, dict)]
    return WorkerResponse(
        worker=str(status.get("worker", "")),
        lost=bool(status.get("lost")),
        reported_at=_moment(status.get("reported_at")),
        cameras_total=len(cameras),
        cameras_online=sum(camera.get("state") == "online" for camera in cameras),
        status={name: value for name, value in status.items() if name != "cameras"},
    )


def _facts(alert: Alert, people: People) -> dict[str, Any]:
    facts = {name: getattr(alert, name) for name in _SAME_NAME}
    for name in ("verdict_by", "cosign_wanted_by", "closed_by", "owner"):
        facts[name] = people.person(getattr(alert, name))
    for name in ("snapshot", "snapshot_boxed", "clip"):
        facts[name] = _url(getattr(alert, name))
    facts |= {"camera": alert.camera_id, "rule": alert.rule_id, "zone": alert.zone_id}
    facts["reasons"] = [{"name": name, "weight": weight} for name, weight in alert.reasons]
    facts["watch_area"] = watch_area_of(alert.rule_id)
    return facts | {"shelf": alert.shelf_id, "doubted": alert.is_doubted}


def _url(evidence_id: str | None) -> str | None:
    return None if evidence_id is None else evidence_url(evidence_id)


def _evidence(record: EvidenceRecord) -> EvidenceResponse:
    return EvidenceResponse(
        id=record.id,
        kind=record.kind.value,
        sha256=record.sha256,
        bytes=record.bytes,
        url=evidence_url(record.id),
    )


def _log_entry(entry: LogEntry, people: People) -> LogEntryResponse:
    return LogEntryResponse(
        at=entry.at,
        actor=entry.actor,
        actor_name=people.name(entry.actor),
        action=entry.action,
        reason=entry.reason,
        note=entry.note,
        details=dict(entry.details),
    )


def _crossings(said: object) -> dict[str, CrossingsResponse]:
    """Counts as a worker told them; what is not of their form is left out."""
    if not isinstance(said, Mapping):
        return {}
    whole = {
        str(rule): (counts.get("entered"), counts.get("left"))
        for rule, counts in said.items()
        if isinstance(counts, Mapping)
    }
    return {
        rule: CrossingsResponse(entered=entered, left=left)
        for rule, (entered, left) in whole.items()
        if isinstance(entered, int) and isinstance(left, int)
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None


def _moment(value: object) -> float | None:
    """A time that can be written as a date."""
    number = _number(value)
    return number if number is not None and 0 <= number < _YEAR_9999 else None
