"""Alerts and legal holds as the forms that are sent out."""

from dataclasses import asdict
from typing import Any

from alerts.alert.records import Alert, EvidenceRecord, LogEntry
from alerts.evidence.keeping.legal_holds import LegalHold
from app.alert.alert_schemas import (
    AlertDetailResponse,
    AlertResponse,
    EarlierAlertResponse,
    EvidenceResponse,
    LegalHoldResponse,
    LogEntryResponse,
    StepTimesResponse,
    evidence_url,
)
from app.web_api.people import People
from config.registry.watch_area import watch_area_of

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
