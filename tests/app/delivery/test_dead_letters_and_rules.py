"""Dead letters and an admin; what leaves for whom; escalation; tests; secrets."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.app.delivery.receiver import SECRET, Receiver
from tests.app.delivery.served import ADMIN, act, alerts_of, log_of, served, target, until
from tests.app.web_api.centre import Centre
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import DeliveryState, ResendResult
from thapcanh.alerts.store.roles import DataFilter


def test_a_refused_message_is_a_dead_letter_that_holds_up_nothing(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    refusing = {"on": True}

    def choosy(_: Receiver, sent: dict[str, Any]) -> int:
        return 422 if refusing["on"] and sent["data"].get("kind") == "fire" else 204

    receiver = receivers(choosy)
    repository = DeliveryRepository(centre.archive.database)
    with served(centre, target(receiver)):
        centre.raise_alert(kind="fire")
        centre.raise_alert(kind="smoke")
        until(lambda: len(alerts_of(receiver)) == 1)
        until(lambda: log_of(centre, state=DeliveryState.DEAD))
        (dead,) = log_of(centre, state=DeliveryState.DEAD)
        assert (dead.kind, dead.attempts, dead.status) == ("fire", 1, 422)
        refusing["on"] = False
        stranger = replace(ADMIN, scope=DataFilter(agencies=frozenset({"csgt"})))
        assert repository.resend(dead.id, stranger, time.time()) is ResendResult.UNKNOWN
        assert repository.discard(dead.id, ADMIN, time.time()) is ResendResult.DONE
        assert repository.discard(dead.id, ADMIN, time.time()) is ResendResult.NOT_DEAD
        assert repository.resend(dead.id, ADMIN, time.time()) is ResendResult.DONE, "by mistake"
        until(lambda: len(alerts_of(receiver)) == 2)
        assert repository.resend(dead.id, ADMIN, time.time()) is ResendResult.NOT_DEAD


def test_a_dead_letter_that_was_overtaken_is_not_sent_again(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    receiver = receivers(lambda _, sent: 422 if sent["type"].endswith("opened.v1") else 204)
    repository = DeliveryRepository(centre.archive.database)
    with served(centre, target(receiver)):
        alert_id = centre.raise_alert()
        until(lambda: log_of(centre, state=DeliveryState.DEAD))
        act(centre, alert_id, "acknowledge")
        until(lambda: alerts_of(receiver))
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))
    (dead,) = log_of(centre, state=DeliveryState.DEAD)
    assert repository.resend(dead.id, ADMIN, time.time()) is ResendResult.OVERTAKEN
    assert repository.discard(dead.id, ADMIN, time.time()) is ResendResult.DONE
    assert log_of(centre, state=DeliveryState.DISCARDED)[0].id == dead.id
    assert centre.archive.verify_chain().ok


def test_nothing_of_another_agency_or_of_a_drill_leaves(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    receiver, all_ = receivers(), receivers()
    with served(centre, target(receiver, agencies=("csgt",)), target(all_, "all")):
        centre.raise_alert("cam-1")
        centre.raise_alert("cam-2")
        centre.raise_alert("cam-3")
        centre.raise_alert("cam-2", exercise=True)
        until(lambda: len(alerts_of(all_)) == 3)
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))
    assert [one["data"]["camera_id"] for one in alerts_of(receiver)] == ["cam-2"]


def test_a_p1_that_nobody_acknowledges_is_told_outside(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    receiver = receivers()
    centre.clock.at = time.time() - 10
    act(centre, centre.raise_alert(priority=1), "acknowledge")  # before anybody looks
    with served(centre, target(receiver, unanswered_after_s=5.0)):
        left = centre.raise_alert(priority=1)
        centre.raise_alert(priority=2)
        until(lambda: alerts_of(receiver))
        act(centre, left, "acknowledge")
        until(lambda: len(alerts_of(receiver)) == 2)
    first, second = alerts_of(receiver)
    assert (first["type"], first["subject"]) == ("thapcanh.alert.unanswered.v1", f"alert/{left}")
    assert second["type"] == "thapcanh.alert.acknowledged.v1"


def test_each_target_is_tested_once_a_day(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    receiver = receivers()
    for _ in range(2):  # a restart is no new day
        with served(centre, target(receiver)) as service:
            until(lambda: service.states().get("pccc"))
            until(lambda: service.states()["pccc"].test_state is DeliveryState.DELIVERED)
    assert [one["type"] for one in receiver.unique()] == ["thapcanh.test.v1"]


def test_secrets_are_in_no_answer_and_no_error(
    centre: Centre, receivers: Callable[..., Receiver], caplog: pytest.LogCaptureFixture
) -> None:
    receiver = receivers(lambda *_: None)
    to = target(receiver)
    with served(centre, to) as service:
        centre.raise_alert()
        until(lambda: (state := service.states().get("pccc")) and state.error)
        shown = [repr(to), to.model_dump_json(), str(service.states()), str(log_of(centre))]
    shown.append(caplog.text)
    assert not any("topsecret" in text or SECRET in text for text in shown)
