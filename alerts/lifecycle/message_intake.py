"""Storing of messages: event rows, alerts, changes and log entries in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_rows import IncomingEvent, apply_sighting, of_owner, opened
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.deduplication import (
    AlertCondition,
    AlertEpisode,
    DedupDecision,
    DedupReason,
    DedupResult,
    DedupSettings,
    dedup_key,
    deduplicate,
)
from thapcanh.alerts.alert.records import CameraFacts, IngestResult
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.calls.corroboration import raise_by_earlier_calls
from thapcanh.alerts.incidents.following import open_for_alerts
from thapcanh.alerts.lifecycle import sequences
from thapcanh.alerts.lifecycle.change_recording import agree, confirm_by_devices, record_left, tell
from thapcanh.alerts.lifecycle.nearby_reports import Neighbourhood
from thapcanh.alerts.lifecycle.policy import AlertPolicy
from thapcanh.alerts.lifecycle.sequences import new_ones
from thapcanh.alerts.lifecycle.unit_of_work import UnitOfWork
from thapcanh.alerts.queue.message import Message, evidence_error_after
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.registry.camera_owners import former_owners
from thapcanh.alerts.registry.recording_rights import owner_at
from thapcanh.alerts.store.audit_log import ChangeRecord
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.suppression import learned_suppressions as learned
from thapcanh.config.rules import Priority
from thapcanh.detection.event import Event, EventPhase

CameraLookup = Callable[[str], CameraFacts | None]
_DUPLICATE = IngestResult(duplicate=True, alert_id=None, reason="duplicate", change_seq=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Shared state of one batch."""

    work: UnitOfWork
    around: Neighbourhood
    settings: DedupSettings
    opens_incidents: bool


def take_in(
    connection: sa.Connection,
    arrivals: Sequence[IncomingEvent],
    policy: AlertPolicy,
    *,
    opens_incidents: bool = True,
) -> list[IngestResult]:
    """Store messages once, in order. Raise `SequenceReused` if a number is used twice.

    Without `opens_incidents` the caller opens those of urgent results.
    """
    new = new_ones(connection, [arrival.message for arrival in arrivals])
    accepted = [_DUPLICATE] * len(arrivals)
    if not new:
        return accepted
    messages = [arrivals[one].message for one in new]
    sequences.note_all(connection, messages, arrivals[0].now)
    work = UnitOfWork(connection, messages, policy.episode.quiet_after_rejection_s)
    around = Neighbourhood(work, policy.area)
    batch = _Batch(
        work=work, around=around, settings=policy.episode, opens_incidents=opens_incidents
    )
    for one, arrival in _owned(connection, arrivals, new):
        accepted[one] = _take(batch, arrival)
    work.write()
    reported, now = work.doubted | work.urgent, arrivals[0].now
    confirm_by_devices(connection, reported, policy.area.agreement, now)
    open_for_alerts(connection, work.urgent if opens_incidents else work.risen, now)
    raise_by_earlier_calls(connection, reported, now)
    return accepted


def arrived(
    messages: Sequence[tuple[Message, float]], now: float, camera: CameraLookup
) -> list[IncomingEvent]:
    """Return messages with queue time and camera facts."""
    return [
        IncomingEvent(
            message=message,
            queued_at=queued_at,
            now=now,
            facts=camera(message.event.camera_id) or CameraFacts(name=message.event.camera_id),
        )
        for message, queued_at in messages
    ]


def _owned(
    connection: sa.Connection, arrivals: Sequence[IncomingEvent], new: Sequence[int]
) -> Iterator[tuple[int, IncomingEvent]]:
    """Yield new arrivals by number, each with its owner at that time."""
    cameras = {arrivals[one].message.event.camera_id for one in new}
    former = former_owners(connection, sorted(cameras))
    for one in new:
        arrival = arrivals[one]
        observed, present = arrival.message.event, (arrival.facts.agency, arrival.facts.area)
        owner = owner_at(former.get(observed.camera_id, ()), present, observed.captured_at)
        if owner != present:
            facts = replace(arrival.facts, agency=owner[0], area=owner[1])
            arrival = replace(arrival, facts=facts)
        yield one, arrival


def _take(batch: _Batch, arrival: IncomingEvent) -> IngestResult:
    message = arrival.message
    if message.event.kind == SELF_TEST:
        batch.work.store(arrival, None, SELF_TEST)
        return _accepted(batch, None, SELF_TEST, None)
    if message.evidence_only:
        return _accept_evidence(batch, arrival)
    return _accept_sighting(batch, arrival)


def _accept_evidence(batch: _Batch, arrival: IncomingEvent) -> IngestResult:
    work, message = batch.work, arrival.message
    link = work.link(message.event.event_id)
    alert_id = None if link is None else link.alert_id
    work.store(arrival, alert_id, "evidence")
    work.files.attach(message, alert_id, arrival.now)
    if alert_id is None:
        return _accepted(batch, None, "evidence_waits", None)
    row = work.alert(alert_id)
    row.evidence_error = evidence_error_after(row.evidence_error, message)
    reported = ChangeRecord(
        alert_id=alert_id,
        version=work.changed(row),
        kind=ChangeKind.EVIDENCE,
        reason="evidence",
        at=arrival.now,
    )
    return _accepted(batch, row, "evidence", tell(work, arrival, reported))


def _accept_sighting(batch: _Batch, reported: IncomingEvent) -> IngestResult:
    """Find or open the alert of an observation; `reported` is stored as received."""
    work = batch.work
    observed = batch.around.weighed(reported)
    arrival = replace(reported, message=replace(reported.message, event=observed))
    if observed.exercise and _is_confirmed_before(work, observed):
        work.store(reported, None, DedupReason.CONFIRMED_BEFORE)
        return _accepted(batch, None, DedupReason.CONFIRMED_BEFORE, None)
    left = _own(work, observed)
    row, folding = _belongs(work, arrival, batch.settings)
    if folding.decision is DedupDecision.NOTHING:
        work.store(reported, None, folding.reason)
        return _accepted(batch, None, folding.reason, None)
    if folding.decision is DedupDecision.OPEN or row is None:
        number = work.page.next_number(arrival.now)
        matching, version, moved = work.open(opened(arrival, folding, row, number)), 1, True
    else:
        before = (row.kind, row.priority)
        apply_sighting(row, observed, folding)
        matching, version = row, work.changed(row)
        moved = before != (row.kind, row.priority)
    work.lay(matching)
    work.store(reported, matching.id, folding.reason)
    is_new = work.link(observed.event_id) is None
    work.tie(observed.event_id, matching.id, folding.event_active, observed.captured_at)
    for old in (row, left if left is not row else None):
        if old is not None and old is not matching:
            _leave(batch, old, arrival)
    work.files.attach(arrival.message, matching.id, arrival.now, is_new=is_new)
    line = ChangeRecord(
        alert_id=matching.id,
        version=version,
        kind=_change_kind(folding),
        reason=folding.reason,
        at=arrival.now,
    )
    change_seq = tell(work, reported, line, moved=moved)
    batch.around.note(matching)
    agree(work, batch.around, reported, matching)
    return _accepted(batch, matching, folding.reason, change_seq)


def _belongs(
    work: UnitOfWork, arrival: IncomingEvent, settings: DedupSettings
) -> tuple[AlertRow | None, DedupResult]:
    """Return the event's own alert, else a quiet one, else the newest, and the decision.

    After a camera changed owners, observations open a new alert for the new owner.
    """
    observed = arrival.message.event
    cleared_before = observed.phase is not EventPhase.CLEARED and work.was_cleared(
        observed.event_id, observed.captured_at
    )
    own = _own(work, observed)
    if observed.phase is not EventPhase.CLEARED and _has_owner(arrival.facts):
        own = of_owner(own, arrival.facts)
    if (
        own is None
        and observed.phase is not EventPhase.CLEARED
        and work.may_be_quiet(dedup_key(observed))
    ):
        for found in learned.rejected_lately(work.connection, observed, settings):
            if (row := of_owner(work.adopt(found), arrival.facts)) is None:
                continue
            episode = _episode(work, row, arrival, settings)
            folding = deduplicate(episode, observed, settings, cleared_before=cleared_before)
            if folding.reason is DedupReason.QUIET_PLACE:
                return row, folding
    latest = own or of_owner(work.newest(dedup_key(observed)), arrival.facts)
    existing = None if latest is None else _episode(work, latest, arrival, settings)
    return latest, deduplicate(existing, observed, settings, cleared_before=cleared_before)


def _is_confirmed_before(work: UnitOfWork, observed: Event) -> bool:
    link = work.link(observed.event_id)
    return link is not None and not work.alert(link.alert_id).exercise


def _own(work: UnitOfWork, observed: Event) -> AlertRow | None:
    link = work.link(observed.event_id)
    row = None if link is None else work.alert(link.alert_id)
    return row if row is not None and row.exercise == observed.exercise else None


def _has_owner(facts: CameraFacts) -> bool:
    return facts.agency is not None or facts.area is not None


def _episode(
    work: UnitOfWork, row: AlertRow, arrival: IncomingEvent, settings: DedupSettings
) -> AlertEpisode:
    observed = arrival.message.event
    is_rejected = row.verdict == AlertState.REJECTED.value
    if is_rejected:
        work.write()  # what the queries below ask for may have been decided just now
    events = work.links_of(row.id)
    own = next((each for each in events if each.event_id == observed.event_id), None)
    return AlertEpisode(
        state=AlertState(row.state),
        verdict=None if row.verdict is None else AlertState(row.verdict),
        verdict_at=row.verdict_at,
        condition=AlertCondition(row.condition),
        cleared_at=row.cleared_at,
        spoken_priority=row.spoken_priority,
        spoken_area=row.spoken_area,
        kind=row.kind,
        event_last_at=None if own is None else own.last_at,
        others_active=any(each.active and each is not own for each in events),
        judged=learned.extent_at_verdict(work.connection, row) if is_rejected else None,
        verdict_ago_s=0.0 if row.verdict_at is None else arrival.now - row.verdict_at,
        cleared_ago_s=0.0 if row.cleared_at is None else arrival.now - row.cleared_at,
        agreed=is_rejected and learned.agreed_since(work.connection, row, arrival, settings),
        other_zone=work.reports_another_zone(row, observed),
    )


def _leave(batch: _Batch, old: AlertRow, arrival: IncomingEvent) -> None:
    """Clear an alert whose last event moved to a new one."""
    work = batch.work
    is_observed = any(each.active for each in work.links_of(old.id))
    if is_observed or old.condition == AlertCondition.CLEARED:
        return
    old.condition, old.cleared_at = AlertCondition.CLEARED.value, arrival.now
    line = ChangeRecord(
        alert_id=old.id,
        version=work.changed(old),
        kind=ChangeKind.CLEARED,
        reason="continued_in_new_alert",
        at=arrival.now,
    )
    record_left(work, line)
    batch.around.note(old)


def _change_kind(folding: DedupResult) -> ChangeKind:
    if folding.decision is DedupDecision.OPEN:
        return ChangeKind.OPENED
    if folding.reason is DedupReason.CLEARED:
        return ChangeKind.CLEARED
    return ChangeKind.SPOKE if folding.speaks else ChangeKind.UPDATED


def _accepted(batch: _Batch, row: AlertRow | None, reason: str, seq: int | None) -> IngestResult:
    is_urgent = row is not None and row.priority == Priority.P1
    return IngestResult(
        duplicate=False,
        alert_id=None if row is None else row.id,
        reason=str(reason),
        change_seq=seq,
        wants_incident=is_urgent and not batch.opens_incidents,
    )
