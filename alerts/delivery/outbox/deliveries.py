"""Deliveries: due ones, results, admins' decisions, and target states.

Thread-safe.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.delivery.attempt import GIVE_UP_S, AttemptOutcome
from thapcanh.alerts.delivery.outbox.directed import empty_ended, end_old, is_to_caller
from thapcanh.alerts.delivery.outbox.due_deliveries import WAITING, due_chains
from thapcanh.alerts.delivery.outbox.records import (
    DeliveryChain,
    DeliveryQuery,
    DeliveryRecord,
    DeliveryState,
    ResendResult,
    TargetState,
    TriedDelivery,
)
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.clock_set_back import SET_BACK_S
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.outbox import outbox
from thapcanh.alerts.store.outbox.outbox import delivery, outbox_event
from thapcanh.alerts.store.outbox.outgoing import NOTICE, TEST
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import EVERYTHING, Actor, DataFilter

_ABANDONED = "not taken for three days; the last answer: "
_MAY_BE_SENT_AGAIN = (DeliveryState.DEAD.value, DeliveryState.DISCARDED.value)
_SHOWN = (
    *(outbox_event.c[name] for name in ("type", "kind", "exercise", "data")),
    *(column for column in delivery.c),
)


class DeliveryRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def due(self, target: str, now: float, limit: int) -> list[DeliveryChain]:
        """Return what is due, by subject in order; at most `limit` subjects."""
        with self._db.reading() as connection:
            return due_chains(connection, target, now, limit)

    def record(self, tried: Sequence[TriedDelivery], now: float) -> None:
        """Store attempts as of `now`; one that failed for days becomes a dead letter."""
        failed = [one for one in tried if one.attempt.outcome is AttemptOutcome.FAILED]
        ended = [one for one in tried if one.attempt.outcome is not AttemptOutcome.FAILED]
        if not tried:
            return
        with self._db.writing() as connection:
            for items, what in ((ended, {"ended_at": now}), (failed, {})):
                if items:
                    rows = [_after(one, now) | what for one in items]
                    connection.execute(_tried_at(now, rows[0].keys()), rows)
            self._give_up(connection, [one.id for one in failed], now)
            empty_ended(connection, delivery.c.id.in_([one.id for one in ended]))

    def _give_up(self, connection: sa.Connection, ids: Sequence[str], now: float) -> None:
        old = delivery.c.id.in_(ids) & WAITING & (delivery.c.created_at < now - GIVE_UP_S)
        words = sa.literal(_ABANDONED) + sa.func.coalesce(delivery.c.error, "-")
        values = {"state": DeliveryState.DEAD.value, "error": words, "ended_at": now}
        connection.execute(sa.update(delivery).where(old).values(values))

    def overflow(self, target: str, most: int, now: float) -> int:
        """Make the least urgent beyond `most` dead letters; return how many."""
        query = sa.select(delivery.c.id).where(delivery.c.target == target, WAITING)
        query = query.order_by(delivery.c.priority, delivery.c.event_seq).offset(most).limit(1000)
        with self._db.reading() as connection:
            ids = list(connection.execute(query).scalars())
        if ids:
            values = {"state": DeliveryState.DEAD.value, "error": "too many wait", "ended_at": now}
            with self._db.writing() as connection:
                over = sa.update(delivery).where(delivery.c.id.in_(ids), WAITING)
                connection.execute(over.values(values))
        return len(ids)

    def hasten(self, target: str, now: float) -> int:
        """Make deliveries due that wait since before the clock was put back; return how many."""
        since = sa.func.coalesce(delivery.c.tried_at, delivery.c.created_at)
        late = [delivery.c.target == target, WAITING, delivery.c.due_at > now]
        query = sa.update(delivery).where(*late, since > now + SET_BACK_S).values(due_at=now)
        with self._db.writing() as connection:
            return connection.execute(query).rowcount

    # People

    def page(self, requested: DeliveryQuery) -> list[DeliveryRecord]:
        """Return the newest deliveries that fit and may be seen.

        It may exceed the limit by those of the last event, so that the next page starts before it.
        """
        query = sa.select(*_SHOWN).join(outbox_event, outbox_event.c.seq == delivery.c.event_seq)
        query = query.order_by(delivery.c.event_seq.desc(), delivery.c.id)
        query = query.where(*owned_by(outbox_event, requested.scope))
        if requested.target is not None:
            query = query.where(delivery.c.target == requested.target)
        if requested.state is not None:
            query = query.where(delivery.c.state == requested.state.value)
        if requested.before is not None:
            query = query.where(delivery.c.event_seq < requested.before)
        with self._db.reading() as connection:
            found = connection.execute(query.limit(requested.limit)).all()
            if len(found) == requested.limit:
                last = found[-1]
                same = (delivery.c.event_seq == last.event_seq) & (delivery.c.id > last.id)
                found = [*found, *connection.execute(query.where(same)).all()]
        return [_record(row) for row in found]

    def resend(self, delivery_id: str, actor: Actor, now: float) -> ResendResult:
        """Queue a dead letter, or a dropped delivery, again.

        Refused if a newer state of the same subject was delivered.
        """
        values = {"state": DeliveryState.WAITING.value, "due_at": now, "created_at": now,
                  "ended_at": None}  # fmt: skip
        return self._decide(delivery_id, actor, now, "delivery_retried", values)

    def discard(self, delivery_id: str, actor: Actor, now: float) -> ResendResult:
        """Drop a dead letter; it stays in the log."""
        values = {"state": DeliveryState.DISCARDED.value, "ended_at": now}
        return self._decide(delivery_id, actor, now, "delivery_discarded", values)

    def _decide(
        self, delivery_id: str, actor: Actor, now: float, action: str, values: dict[str, Any]
    ) -> ResendResult:
        query = sa.select(delivery).join(outbox_event, outbox_event.c.seq == delivery.c.event_seq)
        query = query.where(delivery.c.id == delivery_id, *owned_by(outbox_event, actor.scope))
        with self._db.writing() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return ResendResult.UNKNOWN
            sent_again = values["state"] == DeliveryState.WAITING.value
            if row.state not in (_MAY_BE_SENT_AGAIN if sent_again else (DeliveryState.DEAD.value,)):
                return ResendResult.NOT_DEAD
            if sent_again and is_to_caller(row.subject):
                return ResendResult.OVER
            if sent_again and _is_overtaken(connection, row):
                return ResendResult.OVERTAKEN
            matching = sa.update(delivery).where(delivery.c.id == delivery_id)
            connection.execute(matching.values(values))
            line = AuditEntry(
                at=now,
                actor=actor.username,
                role=actor.role.value,
                action=action,
                object_id=delivery_id,
                details={"target": row.target, "subject": row.subject, "error": row.error},
            )
            add_log(connection, line)
        return ResendResult.DONE

    def target_states(self, now: float, scope: DataFilter = EVERYTHING) -> dict[str, TargetState]:
        """Return the state of each target that ever got something in scope."""
        with self._db.reading() as connection:
            joined = delivery.join(outbox_event, outbox_event.c.seq == delivery.c.event_seq)
            reported = sa.select(delivery.c.target).distinct().select_from(joined)
            targets = (
                connection.execute(reported.where(*owned_by(outbox_event, scope))).scalars().all()
            )
            return {name: _state(connection, name, scope, now) for name in targets}

    def forget(self, before: float, most_dead: int, now: float) -> None:
        """Delete deliveries that ended before a time, and dead letters beyond `most_dead`."""
        ended = sa.delete(delivery).where(~WAITING, delivery.c.ended_at < before)
        dead = delivery.c.state == DeliveryState.DEAD.value
        oldest = sa.select(delivery.c.id).where(dead)
        oldest = oldest.order_by(delivery.c.event_seq.desc()).offset(most_dead).limit(10_000)
        with self._db.writing() as connection:
            end_old(connection, now)
            connection.execute(ended)
            connection.execute(sa.delete(delivery).where(delivery.c.id.in_(oldest)))
            outbox.delete_unused(connection, outbox_event.c.routed_at < before)


def _tried_at(now: float, names: Iterable[str]) -> sa.Update:
    """Return the update of many deliveries with each one's values."""
    values: dict[str, Any] = {name: sa.bindparam(name) for name in names if name != "tried_id"}
    update = sa.update(delivery).where(delivery.c.id == sa.bindparam("tried_id"), WAITING)
    return update.values(values | {"attempts": delivery.c.attempts + 1, "tried_at": now})


def _after(one: TriedDelivery, now: float) -> dict[str, Any]:
    attempt = one.attempt
    facts = {"tried_id": one.id, "error": attempt.error, "status": attempt.status}
    match attempt.outcome:
        case AttemptOutcome.DELIVERED:
            return {"state": DeliveryState.DELIVERED.value, **facts}
        case AttemptOutcome.REFUSED:
            return {"state": DeliveryState.DEAD.value, **facts}
        case AttemptOutcome.SKIPPED:
            return {"state": DeliveryState.DISCARDED.value, **facts}
        case AttemptOutcome.FAILED:
            return {"due_at": now + one.wait_s, **facts}


def _is_overtaken(connection: sa.Connection, row: sa.Row[Any]) -> bool:
    if row.subject.startswith(f"{NOTICE}/"):  # its words were taken out with the next version
        later = (outbox_event.c.subject == row.subject) & (outbox_event.c.seq > row.event_seq)
        return connection.execute(sa.select(outbox_event.c.seq).where(later)).first() is not None
    newer = sa.select(delivery.c.id).where(
        delivery.c.subject == row.subject,
        delivery.c.target == row.target,
        delivery.c.event_seq > row.event_seq,
        delivery.c.state == DeliveryState.DELIVERED.value,
    )
    return connection.execute(newer.limit(1)).first() is not None


def _state(connection: sa.Connection, target: str, scope: DataFilter, now: float) -> TargetState:
    matching = [delivery.c.target == target, *owned_by(outbox_event, scope)]
    joined = delivery.join(outbox_event, outbox_event.c.seq == delivery.c.event_seq)

    def first(*columns: Any, where: Sequence[Any] = (), order: Any = None) -> Any:
        query = sa.select(*columns).select_from(joined).where(*matching, *where)
        return connection.execute(
            query if order is None else query.order_by(order).limit(1)
        ).first()

    count = sa.func.count()
    is_late = sa.or_(delivery.c.due_at <= now, delivery.c.attempts > 0)  # not in quiet hours
    since = sa.func.min(sa.case((is_late, delivery.c.created_at)))
    waiting = first(count, since, where=[WAITING])
    dead = first(count, where=[delivery.c.state == DeliveryState.DEAD.value])
    newest = delivery.c.event_seq.desc()
    was_delivered = delivery.c.state == DeliveryState.DELIVERED.value
    accepted = first(delivery.c.ended_at, where=[was_delivered], order=newest)
    tried = (delivery.c.tried_at, delivery.c.error)
    last = first(*tried, where=[delivery.c.tried_at.is_not(None)], order=newest)
    test = first(
        delivery.c.created_at,
        delivery.c.state,
        where=[delivery.c.subject == f"{TEST}/{target}"],
        order=newest,
    )
    return TargetState(
        target=target,
        waiting=waiting[0],
        waiting_since=waiting[1],
        dead=dead[0],
        delivered_at=accepted and accepted[0],
        tried_at=last and last[0],
        error=last and last[1],
        tested_at=test and test[0],
        test_state=test and DeliveryState(test[1]),
    )


def _record(row: sa.Row[Any]) -> DeliveryRecord:
    data = json.loads(row.data)
    names = ("id", "target", "subject", "type", "kind", "priority", "reason", "attempts",
             "created_at", "due_at", "tried_at", "ended_at", "status", "error", "exercise",
             "event_seq")  # fmt: skip
    return DeliveryRecord(
        number=data.get("number"),
        state=DeliveryState(row.state),
        **{name: getattr(row, name) for name in names},
    )
