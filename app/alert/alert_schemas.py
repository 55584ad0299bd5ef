"""Alerts as the API speaks of them: in lists and streams, in detail, and in a conflict."""

from dataclasses import asdict
from typing import Any

from pydantic import Field

from thapcanh.alerts.alert.alert_state import AlertState, RejectReason, takes_two
from thapcanh.alerts.alert.answering_order import Corroboration
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.alert.records import Alert, EvidenceRecord, LogEntry
from thapcanh.alerts.evidence.keeping.legal_holds import LegalHold
from thapcanh.alerts.signals.device_events import is_told_by_device
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, ProblemResponse, Time
from thapcanh.config.registry.watch_area import watch_area_of


class BeliefReasonResponse(ApiModel):
    """A reason for (weight above 0) or against an alert, in log-odds; names are identifiers."""

    name: str
    weight: float


class AlertResponse(ApiModel):
    """An alert as lists, screens and streams show it. URLs are relative to this server."""

    id: str
    number: str
    kind: str
    state: AlertState
    condition: AlertCondition
    priority: int
    version: int
    raised_at: Time
    last_seen_at: Time
    cleared_at: Time | None
    camera: str
    camera_name: str
    place: str | None
    area: str | None
    agency: str | None
    lat: float | None
    lon: float | None
    rule: str
    watch_area: str | None = Field(description="the temporary watch area whose rule raised it")
    zone: str | None
    label: str
    confidence: float
    box: tuple[float, float, float, float]
    detections: int
    reason: str
    unchecked: bool
    exercise: bool
    spoke_at: Time
    spoke_reason: str
    escalated_at: Time | None
    recurrence_of: str | None
    owner: PersonResponse | None
    acknowledged_at: Time | None = Field(description="when it was first answered")
    held_since: Time | None = Field(description="since when it is in its owner's hands")
    lease_until: Time | None
    verdict_by: PersonResponse | None
    reject_reason: RejectReason | None
    cosign_wanted_by: PersonResponse | None
    takes_two: bool = Field(description="a leader signs its rejection too")
    closed_by: PersonResponse | None
    closed_at: Time | None
    snapshot: str | None
    snapshot_boxed: str | None
    clip: str | None
    evidence_error: str | None
    shelf: str | None = Field(description="the shelf it lies on, silent and out of the list")
    shelved_until: Time | None
    belief: float | None = Field(description="0..1, the highest so far; null: unknown")
    doubted: bool = Field(description="told, but not believed")
    reasons: list[BeliefReasonResponse] = Field(description="of the belief")
    corroboration: Corroboration | None = Field(description="sources other than the camera")
    corroborated_by: str | None = Field(description="the call's number, or the device's name")
    urgency: int = Field(description="its place in the order of answering; 1 comes first")


_SAME_NAME = tuple(AlertResponse.model_fields.keys() & Alert.__dataclass_fields__.keys())


def evidence_url(evidence_id: str) -> str:
    return f"{PREFIX}/evidence/{evidence_id}"


class EvidenceResponse(ApiModel):
    id: str
    kind: str
    sha256: str
    bytes: int
    url: str


class LogEntryResponse(ApiModel):
    """One entry of an alert's log."""

    at: Time
    actor: str
    actor_name: str
    action: str
    reason: str | None
    note: str | None
    details: dict[str, Any]


class StepTimesResponse(ApiModel):
    """When each step was reached, so that lateness is a number."""

    captured: Time
    inferred: Time
    spooled: Time
    queued: Time
    stored: Time
    pushed: Time | None
    rendered: Time | None
    acknowledged: Time | None
    verified: Time | None
    closed: Time | None


class LegalHoldResponse(ApiModel):
    """A legal hold: while it is in force, the alert's files are not removed."""

    id: str
    alert: str
    reason: str
    set_by: PersonResponse
    set_at: Time
    ended_at: Time | None
    ended_by: PersonResponse | None
    end_reason: str | None


class EarlierAlertResponse(ApiModel):
    """The alert before, at the same place."""

    id: str
    number: str
    raised_at: Time
    same_event: bool = Field(
        description="the earlier event never ended: its evidence is of this one"
    )
    snapshot: str | None
    film: str | None = Field(description="a video that browsers play, if there is one")


class HazeCameraResponse(ApiModel):
    """A camera that an advisory of haze names, and its own alert."""

    camera: str
    camera_name: str
    alert: str


class AlertDetailResponse(AlertResponse):
    """An alert with its files, log and times."""

    haze: list[HazeCameraResponse] = Field(
        default_factory=list, description="of an advisory of haze: the cameras that it names"
    )
    hold: LegalHoldResponse | None = None
    earlier: EarlierAlertResponse | None = None

    evidence: list[EvidenceResponse]
    log: list[LogEntryResponse]
    steps: StepTimesResponse


class AlertPageResponse(ApiModel):
    """Alerts, newest first; `next` is the cursor of the next page."""

    items: list[AlertResponse]
    next: str | None


class ConflictResponse(ProblemResponse):
    """Why a command was not carried out: who did what already, when, and how the alert is now."""

    by: PersonResponse | None
    at: Time | None
    alert: AlertResponse | None


def alert_response(alert: Alert, people: People) -> AlertResponse:
    return AlertResponse.model_validate(_facts(alert, people))


def alert_detail_response(
    alert: Alert, files: list[EvidenceRecord], log: list[LogEntry], people: People
) -> AlertDetailResponse:
    facts = _facts(alert, people)
    facts["evidence"] = [_evidence(record) for record in files if record.deleted_at is None]
    facts["log"] = [_log_entry(entry, people) for entry in log]
    facts["steps"] = StepTimesResponse.model_validate(asdict(alert.steps))
    return AlertDetailResponse.model_validate(facts)


def earlier_alert_response(earlier: Alert, *, same_event: bool) -> EarlierAlertResponse:
    return EarlierAlertResponse(
        id=earlier.id,
        number=earlier.number,
        raised_at=earlier.raised_at,
        same_event=same_event,
        snapshot=_url(earlier.snapshot),
        film=_url(earlier.clip),
    )


def legal_hold_response(hold: LegalHold, people: People) -> LegalHoldResponse:
    facts = {name: getattr(hold, name) for name in LegalHold.__dataclass_fields__}
    for name in ("set_by", "ended_by"):
        facts[name] = people.person(facts[name])
    return LegalHoldResponse.model_validate({**facts, "alert": facts.pop("alert_id")})


def _facts(alert: Alert, people: People) -> dict[str, Any]:
    facts = {name: getattr(alert, name) for name in _SAME_NAME}
    for name in ("verdict_by", "cosign_wanted_by", "closed_by", "owner"):
        facts[name] = people.person(getattr(alert, name))
    for name in ("snapshot", "snapshot_boxed", "clip"):
        facts[name] = _url(getattr(alert, name))
    facts |= {"camera": alert.camera_id, "rule": alert.rule_id, "zone": alert.zone_id}
    facts["reasons"] = [{"name": name, "weight": weight} for name, weight in alert.reasons]
    facts["watch_area"] = watch_area_of(alert.rule_id)
    facts["urgency"] = alert.urgency.value
    from_device = is_told_by_device(alert.kind, alert.rule_id)
    facts["takes_two"] = takes_two(alert.priority, is_told_by_device=from_device)
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
