"""Incidents' own changes in the outbox: each told once, in order, through a receiver that dies."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pydantic import SecretStr
from uuid6 import uuid7

from alerts.archive.incidents.escalation import escalate_due
from alerts.archive.incidents.repository import IncidentRepository
from alerts.archive.incidents.units import UnitRepository
from alerts.archive.outbox.records import DeliveryState
from alerts.archive.outbox.routing_store import RoutingStore
from alerts.delivery.routing import is_escalated
from alerts.incidents.deadlines import LEADER_ANSWERS_WITHIN_S
from alerts.incidents.incident_state import IncidentAction, MemberType
from alerts.incidents.kinds import IncidentKind
from alerts.incidents.records import IncidentPlace, IncidentRequest, NewIncident, UnitOrder
from alerts.lifecycle.roles import EVERYTHING, Actor, Role
from config.local_time import LOCAL_TZ
from config.secret import SecretUrl
from config.targets import TargetConfig
from tests.app.api.centre import Centre
from tests.app.centre.delivery.receiver import TAKEN_AND_CUT, Receiver
from tests.app.centre.delivery.served import act, log_of, served, target, until

LEADER = Actor(username="an", name="An", role=Role.LEADER)
ASSESS = {"action": IncidentAction.ASSESS}
COURSE: tuple[dict[str, Any], ...] = (
    {"action": IncidentAction.JOIN, "member_type": MemberType.NOTE, "note": "nội bộ"},
    ASSESS,
    {"action": IncidentAction.DISPATCH, "told": (UnitOrder(service="114"),)},
    {"action": IncidentAction.STEP, "step": "on_scene"},
    {"action": IncidentAction.STEP, "step": "controlled"},
    {"action": IncidentAction.CLOSE, "disposition": "handled", "note": "đã dập tắt"},
)
TOLD = ["opened", "assessed", "dispatched", "stepped", "stepped", "closed"]


def opened(centre: Centre, kind: IncidentKind = IncidentKind.FIRE, **changes: Any) -> str:
    facts: dict[str, Any] = {
        "kind": kind,
        "priority": 2,
        "place": IncidentPlace(text="12 Hàng Bài", lat=21.02, lon=105.85),
        "at": centre.clock.at,
        "agency": "pc07",
    }
    new = NewIncident(**facts | changes)
    found = IncidentRepository(centre.archive.database).open(
        LEADER, new, str(uuid7()), centre.clock.at
    )
    centre.bell.notify()
    return found.incident.id


def move(centre: Centre, incident_id: str, **act: Any) -> None:
    repository = IncidentRepository(centre.archive.database)
    found = repository.one(incident_id, LEADER.scope)
    assert found is not None
    request = IncidentRequest(
        incident_id=incident_id,
        actor=LEADER,
        expected_version=found.version,
        idempotency_key=str(uuid7()),
        **act,
    )
    assert repository.command(request, centre.clock.at).outcome.value == "done"
    centre.bell.notify()


def told_of(receiver: Receiver, incident_id: str) -> list[dict[str, Any]]:
    subject = f"incident/{incident_id}"
    return [one for one in receiver.unique() if one["subject"] == subject]


def held_back(centre: Centre) -> list[Any]:
    waiting = log_of(centre, state=DeliveryState.WAITING)
    return [one for one in waiting if one.subject.startswith("incident/")]


def changes(told: list[dict[str, Any]]) -> list[str]:
    return [one["type"].split(".")[2] for one in told]


def test_an_incident_is_told_from_its_opening_to_its_end(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    receiver = receivers()
    with served(centre, target(receiver)):
        incident_id = opened(centre)
        for act in COURSE:
            move(centre, incident_id, **act)
        until(lambda: len(told_of(receiver, incident_id)) == len(TOLD))
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))
    told = told_of(receiver, incident_id)
    assert changes(told) == TOLD
    assert [one["data"]["state"] for one in told[3:]] == ["on_scene", "controlled", "closed"]
    assert set(told[-1]["data"]["steps"]) == {
        "open", "assessed", "dispatched", "on_scene", "controlled", "closed",
    }  # fmt: skip
    assert told[-1]["data"]["disposition"] == "handled"
    words = str(told)
    assert "nội bộ" not in words  # a note stays inside
    assert LEADER.name not in words
    assert f"'{LEADER.username}'" not in words


def test_a_target_hears_of_its_kinds_and_priorities_alone(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    fires, urgent, others = receivers(), receivers(), receivers()
    with served(
        centre,
        target(fires, "fires", kinds=("fire",)),
        target(urgent, "urgent", priorities=(1,)),
        target(others, "others", agencies=("csgt",)),
    ):
        fire = opened(centre)
        crash = opened(centre, IncidentKind.TRAFFIC)
        move(centre, crash, **ASSESS, priority=1)
        move(centre, fire, **ASSESS, kind=IncidentKind.TRAFFIC)
        until(lambda: changes(told_of(fires, fire)) == ["opened", "assessed"])
        until(lambda: changes(told_of(urgent, crash)) == ["assessed"])
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))
    assert told_of(fires, crash) == told_of(urgent, fire) == []
    assert [one for one in others.unique() if one["subject"].startswith("incident/")] == []


def test_order_is_kept_by_a_receiver_that_dies(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    def moody(receiver: Receiver, _: dict[str, Any]) -> int | None:
        return receiver.chance.choice([204, 204, 204, 503, None, TAKEN_AND_CUT])

    receiver = receivers(moody)
    ended = threading.Event()

    def killer() -> None:
        while not ended.wait(receiver.chance.uniform(0.05, 0.15)):
            receiver.die()
            ended.wait(0.05)
            receiver.begin()

    killing = threading.Thread(target=killer)
    killing.start()
    incidents: list[str] = []
    try:
        for _ in range(2):  # the centre dies too, and begins again
            with served(centre, target(receiver)):
                for _ in range(6):
                    incidents.append(opened(centre))
                    for act in COURSE[1:]:
                        move(centre, incidents[-1], **act)
    finally:
        ended.set()
        killing.join()
    with served(centre, target(receiver)):
        until(lambda: all(len(told_of(receiver, one)) == len(TOLD) for one in incidents))
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))
    for incident_id in incidents:
        told = told_of(receiver, incident_id)
        assert changes(told) == TOLD
        assert [one["sequence"] for one in told] == sorted(one["sequence"] for one in told)


def test_a_p1_is_not_held_back_by_what_waits_for_the_morning(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    receiver = receivers()
    here = datetime.fromtimestamp(time.time(), LOCAL_TZ)
    quiet = f"{here - timedelta(hours=2):%H:%M}-{here + timedelta(hours=2):%H:%M}"
    with served(centre, target(receiver, quiet_hours=(quiet,))):
        held, rises = opened(centre), opened(centre)
        until(lambda: len(held_back(centre)) == 2)
        move(centre, rises, **ASSESS, priority=1)
        until(lambda: changes(told_of(receiver, rises)) == ["opened", "assessed"])
        until(lambda: len(held_back(centre)) == 1)
        assert told_of(receiver, held) == []
    (waiting,) = held_back(centre)
    assert waiting.subject == f"incident/{held}"


def late(centre: Centre, target_id: str, after_s: float = 5.0) -> list[str]:
    """Escalate as the centre does, and as it does again after a restart; who is told of what."""
    database = centre.archive.database
    escalate_due(database, centre.clock.at)
    told: list[str] = []
    store = RoutingStore(database)
    to = TargetConfig(
        id=target_id,
        kind="webhook",
        url=SecretUrl("https://chief.example/"),
        secret=SecretStr("12345678"),
        unanswered_after_s=after_s,
        quiet_hours=("00:00-23:59",),
    )
    for _ in range(2):
        before = {one.id for one in log_of(centre)}
        store.tell_unanswered(
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


def test_an_alert_in_somebodys_hands_or_told_already_is_not_told_again_as_an_incident(
    centre: Centre,
) -> None:
    centre.clock.at = time.time() - 600
    centre.raise_alert("cam-1", priority=1, exercise=True)
    taken = centre.raise_alert("cam-2", priority=1)
    act(centre, taken, "acknowledge")
    left = centre.raise_alert("cam-3", priority=1)
    centre.clock.at += 300
    assert late(centre, "chief") == [f"alert/{left}"]
    centre.clock.at += 300
    assert late(centre, "chief") == []  # neither of them, and no drill
