"""Incidents' own changes in the outbox: each told once, in order, through a receiver that dies."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.app.delivery.incidents import ASSESS, LEADER, move, opened
from tests.app.delivery.receiver import TAKEN_AND_CUT, Receiver
from tests.app.delivery.served import log_of, served, target, until
from tests.app.web_api.centre import Centre
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import DeliveryState
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.alerts.delivery.targets.apprise import AppriseTarget
from thapcanh.alerts.incidents.incident_state import IncidentAction, MemberType
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import UnitOrder
from thapcanh.app.delivery.routing_tasks import RoutingTask
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.secret import SecretUrl

COURSE: tuple[dict[str, Any], ...] = (
    {"action": IncidentAction.JOIN, "member_type": MemberType.NOTE, "note": "nội bộ"},
    ASSESS,
    {"action": IncidentAction.DISPATCH, "told": (UnitOrder(service="114"),)},
    {"action": IncidentAction.STEP, "step": "on_scene"},
    {"action": IncidentAction.STEP, "step": "controlled"},
    {"action": IncidentAction.CLOSE, "disposition": "handled", "note": "đã dập tắt"},
)
TOLD = ["opened", "assessed", "dispatched", "stepped", "stepped", "closed"]


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


@pytest.mark.parametrize("rises", [True, False])
def test_people_who_sleep_hear_of_what_becomes_a_p1(centre: Centre, *, rises: bool) -> None:
    people = AppriseTarget(
        id="chief",
        url=SecretUrl("mailto://relay.example?to=an@example.vn&from=tc@example.vn"),
        quiet_hours=("00:00-12:00", "12:00-23:59"),
    )
    centre.site.replace(centre.site().model_copy(update={"targets": (people,)}))
    database = centre.archive.database
    centre.clock.at = datetime(2026, 11, 26, 2, tzinfo=LOCAL_TZ).timestamp()
    rounds = RoutingTask(RoutingStore(database), DeliveryRepository(database), centre.site)
    found = opened(centre)
    rounds.route(centre.clock.at)
    move(centre, found, **ASSESS, priority=1 if rises else 2)
    rounds.route(centre.clock.at)
    (due,) = DeliveryRepository(database).due("chief", centre.clock.at, 9) or [()]
    assert [one.event.priority for one in due] == ([2, 1] if rises else [])
    assert len(held_back(centre)) == (2 if rises else 1)  # the other assessment is minor
