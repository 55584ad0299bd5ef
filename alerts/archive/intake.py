"""A message into the archive: event row, alert, change and log entry in one transaction.

The same message again changes nothing. Which alert it belongs to, and whether it speaks, is decided
by `alerts.episode`; here it is only read and written.
"""

from typing import Any

import sqlalchemy as sa

from alerts.archive import files, sequence
from alerts.archive.alert_rows import Arrival, folded, open_alert, update_alert
from alerts.archive.ledger import ChangeLine, LogLine, add_change, add_log
from alerts.archive.quiet_places import agreed_since, judged_at_verdict, rejected_lately
from alerts.archive.records import ChangeKind, TakenIn
from alerts.archive.stored_events import store_event
from alerts.archive.tables import alert, episode_event, event
from alerts.episode import (
    Condition,
    Episode,
    EpisodeSettings,
    Fold,
    Folding,
    FoldReason,
    dedup_key,
    fold,
)
from alerts.errors import SequenceReused
from alerts.life import State
from alerts.self_test import SELF_TEST
from alerts.wire import Message
from detection.event import Event, Phase


def take_in(connection: sa.Connection, arrival: Arrival, settings: EpisodeSettings) -> TakenIn:
    """Store a message once; raises `SequenceReused` when its place is taken by another."""
    message = arrival.message
    if _is_known(connection, message):
        return TakenIn(duplicate=True, alert_id=None, reason="duplicate", change_seq=None)
    sequence.note(connection, message, arrival.now)
    if message.event.kind == SELF_TEST:
        store_event(connection, arrival, None, SELF_TEST)
        return _taken(None, SELF_TEST, None)
    if message.evidence_only:
        return _take_evidence(connection, arrival)
    return _take_sighting(connection, arrival, settings)


def _is_known(connection: sa.Connection, message: Message) -> bool:
    place = sa.and_(
        event.c.source == message.source,
        event.c.producer_epoch == message.producer_epoch,
        event.c.producer_seq == message.producer_seq,
    )
    query = sa.select(event.c.id).where(sa.or_(event.c.id == message.event.id, place))
    ids = set(connection.execute(query).scalars())
    if ids and ids != {message.event.id}:
        raise SequenceReused(
            f"{message.source} {message.producer_epoch}/{message.producer_seq}: "
            f"{message.event.id} and {', '.join(sorted(ids))} claim one place"
        )
    return bool(ids)


def _take_evidence(connection: sa.Connection, arrival: Arrival) -> TakenIn:
    message = arrival.message
    alert_id = connection.execute(
        sa.select(episode_event.c.alert_id).where(
            episode_event.c.event_id == message.event.event_id
        )
    ).scalar_one_or_none()
    store_event(connection, arrival, alert_id, "evidence")
    files.attach(connection, message, alert_id, arrival.now)
    if alert_id is None:
        return _taken(None, "evidence_waits", None)
    error = message.evidence_error
    told = ChangeLine(
        alert_id=alert_id,
        version=update_alert(connection, alert_id, {"evidence_error": error} if error else {}),
        kind=ChangeKind.EVIDENCE,
        reason="evidence",
        at=arrival.now,
    )
    return _taken(alert_id, "evidence", _tell(connection, arrival, told))


def _take_sighting(
    connection: sa.Connection, arrival: Arrival, settings: EpisodeSettings
) -> TakenIn:
    seen = arrival.message.event
    row, folding = _belongs(connection, arrival, settings)
    if folding.fold is Fold.NOTHING:
        store_event(connection, arrival, None, folding.reason)
        return _taken(None, folding.reason, None)
    if folding.fold is Fold.OPEN or row is None:
        alert_id, version = open_alert(connection, arrival, folding, row)
    else:
        alert_id = row.id
        version = update_alert(connection, alert_id, folded(row, seen, folding))
    store_event(connection, arrival, alert_id, folding.reason)
    _link(connection, alert_id, seen, folding)
    if folding.fold is Fold.OPEN and row is not None:
        _leave(connection, row, arrival)
    files.attach(connection, arrival.message, alert_id, arrival.now)
    told = ChangeLine(
        alert_id=alert_id,
        version=version,
        kind=_change_kind(folding),
        reason=folding.reason,
        at=arrival.now,
    )
    return _taken(alert_id, folding.reason, _tell(connection, arrival, told))


def _belongs(
    connection: sa.Connection, arrival: Arrival, settings: EpisodeSettings
) -> tuple[sa.Row[Any] | None, Folding]:
    """The alert of this very event, else a place that is quiet, else the newest, and what follows.

    An officer's word about one place says nothing about the alerts that came after it elsewhere.
    """
    seen = arrival.message.event
    cleared_before = _cleared_before(connection, seen)
    own = _own(connection, seen)
    if own is None and seen.phase is not Phase.CLEARED:
        for row in rejected_lately(connection, seen, settings):
            episode = _episode(connection, row, arrival, settings)
            folding = fold(episode, seen, settings, cleared_before=cleared_before)
            if folding.reason is FoldReason.QUIET_PLACE:
                return row, folding
    latest = own or _newest(connection, seen)
    known = None if latest is None else _episode(connection, latest, arrival, settings)
    return latest, fold(known, seen, settings, cleared_before=cleared_before)


def _own(connection: sa.Connection, seen: Event) -> sa.Row[Any] | None:
    of_event = sa.select(alert).join(episode_event, episode_event.c.alert_id == alert.c.id)
    same = (episode_event.c.event_id == seen.event_id, alert.c.exercise.is_(seen.exercise))
    return connection.execute(of_event.where(*same)).one_or_none()


def _newest(connection: sa.Connection, seen: Event) -> sa.Row[Any] | None:
    newest_first = (alert.c.episode_open.desc(), alert.c.raised_at.desc(), alert.c.id.desc())
    of_key = sa.select(alert).where(alert.c.dedup_key == dedup_key(seen))
    return connection.execute(of_key.order_by(*newest_first).limit(1)).one_or_none()


def _episode(
    connection: sa.Connection, row: sa.Row[Any], arrival: Arrival, settings: EpisodeSettings
) -> Episode:
    seen = arrival.message.event
    is_rejected = row.verdict == State.REJECTED.value
    events = connection.execute(
        sa.select(episode_event).where(
            episode_event.c.alert_id == row.id,
            sa.or_(episode_event.c.active, episode_event.c.event_id == seen.event_id),
        )
    ).all()
    own = next((each for each in events if each.event_id == seen.event_id), None)
    return Episode(
        state=State(row.state),
        verdict=None if row.verdict is None else State(row.verdict),
        verdict_at=row.verdict_at,
        condition=Condition(row.condition),
        cleared_at=row.cleared_at,
        spoken_priority=row.spoken_priority,
        spoken_area=row.spoken_area,
        event_last_at=None if own is None else own.last_at,
        others_active=any(each.active and each is not own for each in events),
        judged=judged_at_verdict(connection, row) if is_rejected else None,
        agreed=is_rejected and agreed_since(connection, row, arrival, settings),
    )


def _cleared_before(connection: sa.Connection, seen: Event) -> bool:
    if seen.phase is Phase.CLEARED:
        return False
    query = sa.select(event.c.id).where(
        event.c.event_id == seen.event_id,
        event.c.phase == Phase.CLEARED,
        event.c.captured_at >= seen.captured_at,
    )
    return connection.execute(query.limit(1)).first() is not None


def _link(connection: sa.Connection, alert_id: str, seen: Event, folding: Folding) -> None:
    """Remember which alert this event belongs to, and whether it is still seen."""
    mine = episode_event.c.event_id == seen.event_id
    known = connection.execute(sa.select(episode_event).where(mine)).one_or_none()
    if known is None:
        connection.execute(
            sa.insert(episode_event).values(
                event_id=seen.event_id,
                alert_id=alert_id,
                active=bool(folding.event_active),
                last_at=seen.captured_at,
            )
        )
        return
    active = known.active if folding.event_active is None else folding.event_active
    last_at = max(known.last_at, seen.captured_at)
    connection.execute(
        sa.update(episode_event)
        .where(mine)
        .values(alert_id=alert_id, active=active, last_at=last_at)
    )


def _leave(connection: sa.Connection, old: sa.Row[Any], arrival: Arrival) -> None:
    """An alert whose last event went over to a new one is cleared, or it would glow for ever."""
    still_active = sa.select(episode_event.c.event_id).where(
        episode_event.c.alert_id == old.id, episode_event.c.active
    )
    if old.condition == Condition.CLEARED or connection.execute(still_active).first() is not None:
        return
    cleared = {"condition": Condition.CLEARED.value, "cleared_at": arrival.now}
    line = ChangeLine(
        alert_id=old.id,
        version=update_alert(connection, old.id, cleared),
        kind=ChangeKind.CLEARED,
        reason="continued_in_new_alert",
        at=arrival.now,
    )
    add_change(connection, line)


def _change_kind(folding: Folding) -> ChangeKind:
    if folding.fold is Fold.OPEN:
        return ChangeKind.OPENED
    if folding.reason is FoldReason.CLEARED:
        return ChangeKind.CLEARED
    return ChangeKind.SPOKE if folding.speaks else ChangeKind.UPDATED


def _tell(connection: sa.Connection, arrival: Arrival, line: ChangeLine) -> int:
    """The change for the screens, and the log entry where it is more than one more sighting."""
    message = arrival.message
    if line.kind is not ChangeKind.UPDATED or message.evidence:
        details = {
            "message": message.event.id,
            "worker": message.source,
            "model_sha256": message.event.model_sha256,
            "files": {ref.path: ref.sha256 for ref in message.evidence},
            "version": line.version,
        }
        if message.event.exercise:
            details["exercise"] = True
        log = LogLine(
            at=line.at,
            action=line.kind.value,
            object_id=line.alert_id,
            reason=line.reason,
            details=details,
        )
        add_log(connection, log)
    return add_change(connection, line)


def _taken(alert_id: str | None, reason: str, seq: int | None) -> TakenIn:
    return TakenIn(duplicate=False, alert_id=alert_id, reason=str(reason), change_seq=seq)
