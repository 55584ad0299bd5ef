"""The outbox against real receivers: none lost, none doubled by id, order kept, none held up."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.app.delivery.receiver import TAKEN_AND_CUT, Receiver
from tests.app.delivery.served import SOON, act, alerts_of, log_of, served, target, until
from tests.app.web_api.centre import Centre
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.outbox.records import DeliveryState
from thapcanh.app.delivery.target_worker import WorkerSettings
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.backoff import Backoff


def test_an_alert_is_told_as_a_signed_cloud_event(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    receiver = receivers()
    with served(centre, target(receiver)):
        alert_id = centre.raise_alert()
        until(lambda: alerts_of(receiver))
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))
    (told,) = alerts_of(receiver)
    assert told["specversion"] == "1.0"
    assert told["type"] == "thapcanh.alert.opened.v1"
    assert told["subject"] == f"alert/{alert_id}"
    assert told["source"].startswith("/thapcanh/")
    assert told["data"]["agency"] == "pc07"
    assert told["exercise"] is False
    assert receiver.forged == 0
    (line,) = log_of(centre, state=DeliveryState.DELIVERED, target="pccc")[:1]
    assert line.attempts == 1


def test_none_lost_none_doubled_order_kept_by_a_receiver_that_dies(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    def moody(receiver: Receiver, _: dict[str, Any]) -> int | None:
        return receiver.chance.choice([204, 204, 204, 500, 503, None, TAKEN_AND_CUT])

    receiver = receivers(moody)
    ended = threading.Event()

    def killer() -> None:
        while not ended.wait(receiver.chance.uniform(0.05, 0.15)):
            receiver.die()
            ended.wait(0.05)
            receiver.begin()

    to = target(receiver, kinds=("fire",))
    killing = threading.Thread(target=killer)
    alerts: list[str] = []
    killing.start()
    try:
        for _ in range(3):  # the centre dies too, and begins again
            with served(centre, to):
                for _ in range(8):
                    alert_id = centre.raise_alert()
                    alerts.append(alert_id)
                    for action in ("acknowledge", "confirm", "close"):
                        act(centre, alert_id, action)
                time.sleep(0.2)
    finally:
        ended.set()
        killing.join()
    with served(centre, to):
        until(lambda: not log_of(centre, state=DeliveryState.WAITING) and len(alerts_of(receiver)))
    told = alerts_of(receiver)
    assert len(told) == len({one["id"] for one in told}) == 4 * len(alerts)
    for alert_id in alerts:
        mine = [one for one in told if one["subject"] == f"alert/{alert_id}"]
        changes = [one["type"].split(".")[2] for one in mine]
        assert changes == ["opened", "acknowledged", "confirmed", "closed"]
        assert [one["sequence"] for one in mine] == sorted(one["sequence"] for one in mine)
    assert receiver.forged == 0
    assert len(receiver.taken) > len(receiver.unique())  # some came twice, under one id


def test_a_target_that_hangs_holds_up_no_other(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    def hangs(receiver: Receiver, _: dict[str, Any]) -> int:
        receiver.released.wait(PATIENCE_S)
        return 204

    stuck, well = receivers(hangs), receivers()
    with served(centre, target(stuck, "stuck"), target(well, "well")) as service:
        for _ in range(20):
            centre.raise_alert()
        until(lambda: len(alerts_of(well)) == 20)
        until(lambda: (state := service.states().get("stuck")) and state.error)
        assert service.states()["stuck"].error == "no answer within 1 s"
        assert alerts_of(stuck) == []
    assert len(log_of(centre, target="stuck", state=DeliveryState.WAITING)) == 21  # and its test


def test_a_death_with_much_under_way_is_a_short_rest(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    """All 32 fail at once; counted one by one the target would rest for a quarter of an hour."""
    receiver = receivers()
    receiver.die()
    long = Backoff(first_s=0.01, longest_s=1800.0)
    worker = WorkerSettings(at_once=32, look_s=0.01, backoff=long, silent_backoff=SOON)
    for _ in range(40):
        centre.raise_alert()
    with served(centre, target(receiver, timeout_s=30.0), worker=worker) as service:
        until(lambda: (state := service.states().get("pccc")) and state.error)
        receiver.begin()
        until(lambda: len(alerts_of(receiver)) == 40)


def test_a_redirect_is_not_followed(centre: Centre, receivers: Callable[..., Receiver]) -> None:
    other = receivers()
    first = receivers(lambda *_: f"http://localhost:{other.url.rpartition(':')[2]}")
    with served(centre, target(first)) as service:
        centre.raise_alert()
        until(lambda: (state := service.states().get("pccc")) and state.error)
        error = service.states()["pccc"].error
    assert error == "redirects to localhost, which is not followed: write it in url"
    assert other.asked == 0
    assert log_of(centre, state=DeliveryState.DEAD) == []


def test_a_name_may_not_lead_to_this_machine_or_its_neighbours(
    centre: Centre, receivers: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    receiver = receivers()
    real = socket.getaddrinfo

    def rebound(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        host = "169.254.169.254" if host == "metadata.example" else host
        return real("127.0.0.1" if host == "inner.example" else host, port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    port = receiver.url.split(":")[2]
    named = [
        target(receiver, name, url=SecretUrl(f"http://{name}.example:{port}"))
        for name in ("inner", "metadata")
    ]
    with served(centre, *named) as service:
        centre.raise_alert()
        until(lambda: len([one for one in service.states().values() if one.error]) == 2)
        errors = {name: state.error for name, state in service.states().items()}
    assert "leads to this machine" in str(errors["inner"])
    assert "169.254.169.254, which is no other machine" in str(errors["metadata"])
    assert receiver.asked == 0


def test_of_two_centres_the_one_that_leads_tells_and_the_other_goes_on_when_it_ends(
    centre: Centre, receivers: Callable[..., Receiver]
) -> None:
    receiver = receivers()
    leader = {"is": "a"}
    with (
        served(centre, target(receiver), leads=lambda: leader["is"] == "a"),
        served(centre, target(receiver), leads=lambda: leader["is"] == "b"),
    ):
        first = centre.raise_alert()
        until(lambda: alerts_of(receiver))
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))  # and it is written down
        leader["is"] = ""
        second = centre.raise_alert("cam-2")
        leader["is"] = "b"
        until(lambda: len(alerts_of(receiver)) == 2)
        until(lambda: not log_of(centre, state=DeliveryState.WAITING))
    told = [one["subject"] for one in alerts_of(receiver)]
    assert told == [f"alert/{first}", f"alert/{second}"]
    assert receiver.asked == len(receiver.unique())
