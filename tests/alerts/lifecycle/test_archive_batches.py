"""A batch is taken as its messages would be one by one; only the number of statements differs."""

import dataclasses
import json
import random
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.alerts.arrivals import GATE, NOW
from tests.alerts.desk import LE, Desk, take
from tests.alerts.queue.fake_events import FIRST_AT, fake_event, fake_message
from tests.made_archives import archive_at
from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.alert.alert_tables import alert, episode_event, event, evidence
from thapcanh.alerts.alert.records import Alert, CommandRequest, CommandSteps
from thapcanh.alerts.incidents.incident_tables import incident, incident_step
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, Message
from thapcanh.alerts.store.log_tables import action_log, alert_change, incident_change
from thapcanh.alerts.store.outbox.outbox import outbox_event
from thapcanh.alerts.store.roles import AlertAction
from thapcanh.detection.event import EventPhase

_ORDER = {
    "alert": [alert.c.number],
    "event": [event.c.id],
    "episode_event": [episode_event.c.event_id],
    "alert_change": [alert_change.c.seq],
    "evidence": [evidence.c.path],
}


def test_a_batch_leaves_what_its_messages_leave_one_by_one(tmp_path: Path) -> None:
    """Of many cameras, with clearings, copies, gaps, evidence and verdicts in between."""
    batches = _batches(random.Random(5), batches=7, size=24)
    reasons: set[str] = set()
    one_by_one, together = (archive_at(tmp_path / name) for name in ("one", "all"))
    for number, batch in enumerate(batches):
        now = NOW + 200 * number
        told = [(message, now - 0.1) for message in batch]
        singly = [
            one_by_one.take_in_all([each], now=now, camera=lambda _: GATE)[0] for each in told
        ]
        at_once = together.take_in_all(told, now=now, camera=lambda _: GATE)
        reasons |= {each.reason for each in at_once}
        assert [each.reason for each in at_once] == [each.reason for each in singly]
        for archive in (one_by_one, together):
            _judge(archive, random.Random(number), now + 1)
    assert _facts(together) == _facts(one_by_one)
    assert together.gaps(NOW + 9999) == one_by_one.gaps(NOW + 9999) != []
    assert reasons >= {"first", "folded", "late", "cleared", "quiet_place", "evidence", "duplicate"}
    for archive in (one_by_one, together):
        assert archive.verify_chain().broken_seq is None
        archive.close()


def _batches(chance: random.Random, batches: int, size: int) -> list[list[Message]]:
    seen: dict[str, str] = {}
    stream, seq = [], 0
    for number in range(batches * size):
        camera = f"camera-{chance.randrange(5)}"
        at = FIRST_AT + 200 * (number // size) + number % size - chance.choice((0, 0, 0, 20))
        seq += chance.choice((1, 1, 1, 1, 1, 1, 2))
        event_id = seen.setdefault(camera, f"{camera}-{number}")
        phase = chance.choice(
            (EventPhase.UPDATED, EventPhase.UPDATED, EventPhase.UPDATED, EventPhase.CLEARED)
        )
        if phase is EventPhase.CLEARED and chance.random() < 0.7:
            del seen[camera]
        side = chance.choice((0.1, 0.1, 0.3))
        event = fake_event(
            number + 1, event_id=event_id, camera_id=camera, phase=phase, captured_at=at,
            box=(chance.choice((0.1, 0.6)), 0.1, side, side), confidence=chance.random(),
            kind=chance.choice(("fire", "smoke")), priority=chance.choice((1, 2)),
        )  # fmt: skip
        file = EvidenceRef(
            kind=EvidenceKind.CLIP, path=f"{event_id}/{seq % 3}.mp4", sha256="cd" * 32, bytes=9
        )
        message = fake_message(seq, event, evidence=(file,) if chance.random() < 0.3 else ())
        late = dataclasses.replace(message, evidence_only=bool(message.evidence) and seq % 2 == 0)
        stream.append(late)
        if chance.random() < 0.1:
            stream.append(chance.choice(stream))  # it comes again
    for first in range(0, len(stream) - 3, 7):
        stream[first], stream[first + 2] = stream[first + 2], stream[first]
    return [stream[first : first + size] for first in range(0, len(stream), size)]


def _judge(archive: Archive, chance: random.Random, now: float) -> None:
    for shown in sorted(archive.alerts().items, key=lambda one: one.number):
        steps = chance.choice(
            ((), (AlertAction.ACKNOWLEDGE, AlertAction.REJECT), (AlertAction.CONFIRM,))
        )
        desk = Desk(archive, shown.id)
        for action in steps:
            reason = "lights" if action is AlertAction.REJECT else None
            desk.do(action, LE, now, reason=reason, idempotency_key=f"{now}{action}{shown.id}")


def _facts(archive: Archive) -> list[Any]:
    """Everything that is stored, with the alerts' random ids replaced by their numbers."""
    number_of: dict[str, str] = {}
    facts: list[Any] = []
    with archive.database.reading() as connection:
        for table in (alert, event, episode_event, alert_change, evidence):
            for row in connection.execute(sa.select(table).order_by(*_ORDER[table.name])):
                fields = dict(row._mapping)
                if table is alert_change:
                    del fields["seq"]  # incidents open after a batch: their numbers lie elsewhere
                if table is alert:
                    number_of[fields["id"]] = fields["number"]
                for name in ("id", "alert_id", "recurrence_of"):
                    fields[name] = number_of.get(fields.get(name) or "", "")
                facts.append(fields)
    return facts


def test_many_answers_move_their_incident_once(archive: Archive) -> None:
    """Each asked for the incident of all of them: 200 that were rejected cost 0.4 CPU seconds."""
    asked = []
    for camera, numbers in (("few", range(1, 3)), ("many", range(3, 43))):
        for number in numbers:
            name, raised = f"fire-{number}", EventPhase.RAISED
            facts = {"id": name, "event_id": name, "camera_id": camera, "zone_id": name}
            take(archive, number, phase=raised, priority=1, **facts)
        wanted = [one for one in archive.alerts().items if one.camera_id == camera]
        assert len(wanted) == len(numbers)
        orders = [CommandSteps(steps=_steps(one)) for one in wanted]
        with _statements_asked() as statements:
            done = archive.commands(orders, NOW)
        assert {one.outcome for one in done} == {CommandOutcome.DONE}
        asked.append(sum("incident" in text for text in statements))
    with archive.database.reading() as connection:
        states = connection.execute(sa.select(incident.c.state)).scalars().all()
    assert states == ["closed"] * 2
    assert asked[0] == asked[1]


_CONFIRM = (AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM)
_REJECT = (AlertAction.ACKNOWLEDGE, AlertAction.REJECT, AlertAction.CLOSE)


def test_answers_move_incidents_of_their_own_as_they_would_one_by_one(tmp_path: Path) -> None:
    """Each asked for and wrote its own: 200 that were rejected cost a CPU second."""
    one_by_one, together = (archive_at(tmp_path / name) for name in ("one", "all"))
    asked, first = [], 1
    for count in (4, 40):
        for archive in (one_by_one, together):
            for number in range(first, first + count):
                name, raised = f"fire-{number}", EventPhase.RAISED
                facts = {"id": name, "event_id": name, "camera_id": name}
                take(archive, number, phase=raised, priority=1, **facts)
        for order in _answers(one_by_one):
            desk = Desk(one_by_one, order.first.alert_id)
            for step in order.steps:
                key = f"{step.action}-{desk.alert_id}"
                desk.do(step.action, LE, NOW, reason="steam", idempotency_key=key)
        with _statements_asked() as statements:
            done = together.commands(_answers(together), NOW)
        assert {one.outcome for one in done} == {CommandOutcome.DONE}
        asked.append(sum("incident" in text for text in statements))
        first += count
    assert _incidents(together) == _incidents(one_by_one)
    states = [told["incident"][0]["state"] for told in _incidents(together).values()]
    assert (states.count("closed"), states.count("assessed"), states.count("open")) == (22, 11, 11)
    assert asked[0] == asked[1]
    for archive in (one_by_one, together):
        assert archive.verify_chain().broken_seq is None
        archive.close()


def _answers(archive: Archive) -> list[CommandSteps]:
    """To what nobody has answered: a quarter is confirmed, a half rejected, the rest taken."""
    steps = (_CONFIRM, _REJECT, _REJECT, (AlertAction.ACKNOWLEDGE,))
    new = [one for one in archive.alerts().items if one.state == "new"]
    return [
        CommandSteps(steps=_steps(one, *steps[4 * place // len(new)]))
        for place, one in enumerate(sorted(new, key=lambda one: one.number))
    ]


def _incidents(archive: Archive) -> dict[str, dict[str, Any]]:
    """All that is written of each incident, by its number, without random ids."""
    with archive.database.reading() as connection:

        def rows(table: sa.Table, of: sa.Column[str], ident: str, *, left: Set[str]) -> list[Any]:
            query = sa.select(table).where(of == ident).order_by(*table.primary_key)
            found = [dict(row._mapping) for row in connection.execute(query)]
            return [{key: row[key] for key in row.keys() - left} for row in found]

        numbers = connection.execute(sa.select(incident.c.number, incident.c.id)).all()
        return {
            number: {
                "incident": rows(incident, incident.c.id, ident, left={"id"}),
                "steps": rows(
                    incident_step, incident_step.c.incident_id, ident, left={"incident_id"}
                ),
                "changes": rows(
                    incident_change,
                    incident_change.c.incident_id,
                    ident,
                    left={"seq", "incident_id"},
                ),
                "log": [
                    {**one, "details": _without_ids(one["details"])}
                    for one in rows(
                        action_log,
                        action_log.c.object_id,
                        ident,
                        left={"seq", "object_id", "hash", "prev_hash"},
                    )
                ],
                "told": [
                    {**one, "data": _without_ids(one["data"])}
                    for one in rows(
                        outbox_event,
                        outbox_event.c.subject,
                        f"incident/{ident}",
                        left={"seq", "id", "subject"},
                    )
                ],
            }
            for number, ident in numbers
        }


def _without_ids(text: str) -> dict[str, Any]:
    return {key: value for key, value in json.loads(text).items() if key not in ("id", "member_id")}


def test_an_alert_confirmed_among_many_before_its_incident_is_open_opens_it(
    archive: Archive,
) -> None:
    """The incident came later by itself, and stood there as one that nobody had answered."""
    messages = [
        fake_message(n, id=f"m{n}", event_id=f"e{n}", phase=EventPhase.RAISED, priority=1,
                     camera_id=f"cam-{n}")
        for n in (1, 2)
    ]  # fmt: skip
    told = [(each, NOW) for each in messages]
    archive.take_in_all(told, now=NOW, camera=lambda _: GATE, opens_incidents=False)
    orders = [
        CommandSteps(steps=_steps(one, AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM))
        for one in archive.alerts().items
    ]
    assert {one.outcome for one in archive.commands(orders, NOW)} == {CommandOutcome.DONE}
    with archive.database.reading() as connection:
        states = connection.execute(sa.select(incident.c.state)).scalars().all()
    assert set(states) == {"assessed"}


def _steps(alert: Alert, *actions: AlertAction) -> tuple[CommandRequest, ...]:
    return tuple(
        CommandRequest(
            alert_id=alert.id, action=action, actor=LE, expected_version=alert.version,
            idempotency_key=f"key-{alert.id}", reason="steam",
        )
        for action in actions or _REJECT
    )  # fmt: skip


@contextmanager
def _statements_asked() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, text: str, *_: object) -> None:
        asked.append(text)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
