"""What nobody answers goes to the leader, and then outside, once."""

import time
from functools import partial

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from tests.app.delivery.incidents import ASSESS, LEADER, move, opened
from tests.app.delivery.served import act, log_of
from tests.app.web_api.centre import Centre
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.calls.call_store import CallRepository
from thapcanh.alerts.delivery.outbox import unanswered
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.alerts.delivery.routing import is_escalated
from thapcanh.alerts.delivery.targets.webhook import WebhookTarget
from thapcanh.alerts.incidents.calls import CallKind, NewCall
from thapcanh.alerts.incidents.escalation import LEADER_ANSWERS_WITHIN_S, escalate_due
from thapcanh.alerts.incidents.incident_state import IncidentAction, MemberType
from thapcanh.alerts.incidents.records import IncidentPlace, UnitOrder
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.config.secret import SecretUrl


def late(centre: Centre, target_id: str, after_s: float = 5.0) -> list[str]:
    """Escalate as the centre does, and as it does again after a restart; who is told of what."""
    database = centre.archive.database
    escalate_due(database, centre.clock.at)
    told: list[str] = []
    store = RoutingStore(database)
    to = WebhookTarget(
        id=target_id,
        url=SecretUrl("https://chief.example/"),
        secret=SecretStr("12345678"),
        unanswered_after_s=after_s,
        quiet_hours=("00:00-23:59",),
    )
    for _ in range(2):
        before = {one.id for one in log_of(centre)}
        store.queue_unanswered(
            target_id, after_s, partial(is_escalated, to, EVERYTHING), centre.clock.at
        )
        told += [one.subject for one in log_of(centre) if one.id not in before]
    return told


def test_what_nobody_assesses_goes_to_the_leader_and_then_outside_once(centre: Centre) -> None:
    found = opened(centre, priority=1)
    minor = opened(centre, priority=2)
    assert late(centre, "chief") == []
    centre.clock.at += 120
    assert late(centre, "chief") == []  # the leader has his minute
    centre.clock.at += LEADER_ANSWERS_WITHIN_S - 1
    assert late(centre, "chief") == []
    centre.clock.at += 1
    assert late(centre, "chief", after_s=300.0) == []
    assert late(centre, "chief") == [f"incident/{found}"]
    centre.clock.at += 3600
    assert late(centre, "chief") == []
    assert late(centre, "other") == [f"incident/{found}"]
    assert minor not in str(log_of(centre))


def test_what_is_assessed_in_the_leaders_minute_stays_inside(centre: Centre) -> None:
    found = opened(centre, priority=1)
    centre.clock.at += 120
    assert late(centre, "chief") == []
    move(centre, found, **ASSESS)
    centre.clock.at += 3600
    assert late(centre, "chief") == []


def test_a_service_that_does_not_answer_goes_outside_unless_it_answers(centre: Centre) -> None:
    silent, answers = opened(centre, priority=1), opened(centre, priority=1)
    units = UnitRepository(centre.archive.database)
    for one in (silent, answers):
        move(centre, one, action=IncidentAction.DISPATCH, told=(UnitOrder(service="114"),))
    centre.clock.at += 60
    assert late(centre, "chief") == []
    (told,) = units.assignments(answers)
    units.answer(LEADER, told.id, "đã xuất xe", centre.clock.at)
    centre.clock.at += LEADER_ANSWERS_WITHIN_S
    assert late(centre, "chief") == [f"incident/{silent}"]
    assert late(centre, "chief") == []


def test_a_call_is_told_outside_although_the_alert_it_joined_was_rejected(centre: Centre) -> None:
    centre.clock.at = time.time() - 600
    rejected = [centre.raise_alert(camera, priority=1) for camera in ("cam-1", "cam-2")]
    database = centre.archive.database
    mine = alert.c.id.in_(rejected)
    with database.writing() as connection:
        connection.execute(sa.update(alert).where(mine).values(state="rejected"))
    new = NewCall(
        kind=CallKind.FIRE, line="114", caller=None, place=IncidentPlace(text="12 Hàng Bài"),
        said=None, agency=None, area=None,
    )  # fmt: skip
    calls = CallRepository(database)
    call = calls.add(LEADER, new, centre.clock.at).call
    joined = IncidentRepository(database).of_alert(rejected[0], LEADER.scope)
    assert joined is not None
    move(
        centre, joined.id, action=IncidentAction.JOIN, member_type=MemberType.CALL,
        member_id=call.id,
    )  # fmt: skip
    centre.clock.at += 300
    assert late(centre, "chief") == []  # the leader has his minute
    centre.clock.at += LEADER_ANSWERS_WITHIN_S
    assert late(centre, "chief") == [f"incident/{joined.id}"]


def test_an_alert_in_somebodys_hands_or_told_already_is_not_told_again_as_an_incident(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unanswered, "_MOST", 1)  # a drill takes no other's place
    centre.clock.at = time.time() - 600
    centre.raise_alert("cam-1", priority=1, exercise=True)
    taken = centre.raise_alert("cam-2", priority=1)
    act(centre, taken, "acknowledge")
    left = centre.raise_alert("cam-3", priority=1)
    centre.clock.at += 300
    assert late(centre, "chief") == [f"alert/{left}"]
    centre.clock.at += 300
    assert late(centre, "chief") == []  # neither of them, and no drill


def test_what_came_before_the_clock_was_put_back_is_told_outside(centre: Centre) -> None:
    """An hour back, it was told an hour late."""
    raised = centre.raise_alert("cam-1", priority=1, captured_at=centre.clock.at)
    silent = opened(centre, priority=1)
    move(centre, silent, action=IncidentAction.DISPATCH, told=(UnitOrder(service="114"),))
    escalate_due(centre.archive.database, centre.clock.at + 200)
    centre.clock.at -= 59
    assert late(centre, "chief", after_s=60.0) == []
    centre.clock.at -= 3541
    assert set(late(centre, "chief", after_s=60.0)) >= {f"alert/{raised}", f"incident/{silent}"}
    assert late(centre, "chief", after_s=60.0) == []
