"""Which zones of a panel still tell of something: after a restart, and after a test."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from uuid6 import uuid7

from tests.app.signals.test_signals_api import PANEL, served
from tests.app.web_api.centre import NOW, Centre
from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.alert.records import CommandRequest
from thapcanh.alerts.signals.device_signals import SignalRepository, still_reported
from thapcanh.alerts.signals.signal_schema import SignalBody, SignalKind
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import Actor, AlertAction, Role
from thapcanh.app.signals.signal_service import SignalService


def test_zones_that_told_before_a_restart_are_known_after_it(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise ArchiveUnreachable("archive: away")

    with served(centre, tmp_path) as signals:
        for kind, more in (
            ("fire", {"place": "1"}), ("fire", {"place": "2"}), ("fault", {"place": "1"}),
            ("restored", {"place": "1", "restores": "fault"}),
        ):  # fmt: skip
            assert signals.send(kind, **more).status_code == 202
            centre.clock.at += 1
        first = {one.id for one in signals.arrive()}
        desk = SignalService(signals.devices, signals.spool, signals.repository, centre.clock)

        def tell(kind: str, **more: Any) -> Any:
            """One alert of fire: its condition."""
            centre.clock.at += 1
            at = datetime.fromtimestamp(centre.clock.at, UTC)
            signal = SignalBody(device_id=PANEL.id, kind=SignalKind(kind), at=at, **more)
            desk.receive(signal, str(centre.clock.at))
            alerts = {one.id: one for one in signals.arrive()}
            assert alerts.keys() == first
            return next(one.condition.value for one in alerts.values() if one.kind == "fire")

        with monkeypatch.context() as patch:
            patch.setattr(SignalRepository, "standing", away)
            assert tell("restored", place="9", restores="fire") == "active"
        assert tell("fire", place="1") == "active"
        assert tell("restored", place="1", restores="fire") == "active"
        assert tell("restored", place="2", restores="fire") == "cleared"


def test_a_zone_that_was_restored_of_a_fault_still_tells_of_its_fire_after_a_test() -> None:
    at = datetime.fromtimestamp(NOW, UTC)

    def told(kind: str, place: str | None, restores: Any = None) -> SignalBody:
        return SignalBody(
            device_id="p", kind=SignalKind(kind), at=at, place=place, restores=restores
        )

    fire, fault, other = told("fire", "1"), told("fault", "1"), told("fire", "2")
    assert still_reported([fire, fault, other, told("restored", "1", "fault")]) == [fire, other]
    assert still_reported([fire, fault, other, told("restored", "1")]) == [other]
    assert still_reported([fire, fault, other, told("restored", None, "fire")]) == [fault]
    assert still_reported([fire, fault, told("cleared", None), other]) == [other]


@pytest.mark.parametrize("word", ["rejected", "closed", "after it was quiet"])
def test_another_zone_of_a_panel_is_heard_whatever_was_said_of_the_first(
    centre: Centre, tmp_path: Path, word: str
) -> None:
    """The next floors of a panel fell silently into the alert that officers had rejected."""
    leader = Actor(username="an", name="An", role=Role.LEADER)

    def judge(number: str, action: AlertAction) -> None:
        centre.clock.at += 1
        alert = next(one for one in centre.archive.alerts().items if one.number == number)
        request = CommandRequest(
            alert_id=alert.id, action=action, actor=leader, expected_version=alert.version,
            idempotency_key=str(uuid7()), reason="steam",
        )  # fmt: skip
        done = centre.archive.command(request, centre.clock.at)
        assert done.outcome is CommandOutcome.DONE, done

    with served(centre, tmp_path) as signals:

        def numbers(kind: str, place: str) -> list[str]:
            """All alerts after one more signal, the oldest first."""
            centre.clock.at += 1
            assert signals.send(kind, place=place).status_code == 202
            return sorted(one.number for one in signals.arrive())

        def judged(number: str) -> None:
            judge(number, AlertAction.ACKNOWLEDGE)
            judge(number, AlertAction.CONFIRM if word == "closed" else AlertAction.REJECT)
            if word == "closed":
                judge(number, AlertAction.CLOSE)

        (first,) = numbers("smoke", "tầng 1")
        judged(first)
        if word == "after it was quiet":
            numbers("restored", "tầng 1")
        else:
            assert numbers("smoke", "tầng 1") == [first]
        assert len(numbers("smoke", "tầng 2")) == 2
        (_, second) = numbers("smoke", "tầng 1")  # it is part of the new one, or still quiet
        judged(second)
        assert numbers("smoke", "tầng 1") == numbers("smoke", "tầng 2") == [first, second]
        assert len(numbers("smoke", "tầng 3")) == 3


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_fire_that_spreads_to_another_zone_is_heard_once_and_names_both(
    centre: Centre, tmp_path: Path, is_taken: bool
) -> None:
    """It went on in silence, and of both zones only the newest was read."""
    leader = Actor(username="an", name="An", role=Role.LEADER)
    with served(centre, tmp_path) as signals:

        def told(*places: str, kind: str = "fire") -> Any:
            for place in places:
                centre.clock.at += 1
                assert signals.send(kind, place=place).status_code == 202
            return next(one for one in signals.arrive() if one.rule_id == "device")

        first = told("tầng 1", kind="smoke")
        if is_taken:
            request = CommandRequest(
                alert_id=first.id, action=AlertAction.ACKNOWLEDGE, actor=leader,
                expected_version=first.version, idempotency_key="1",
            )  # fmt: skip
            done = centre.archive.command(request, centre.clock.at)
            assert done.outcome is CommandOutcome.DONE, done
        again = told("tầng 1", kind="smoke")
        assert (again.id, again.spoke_reason) == (first.id, "first")
        spread = told("tầng 5", "tầng 5", kind="smoke")  # in one batch
        assert (spread.id, spread.spoke_reason) == (first.id, "another_zone")
        assert spread.spoke_at == pytest.approx(centre.clock.at - 1), "once"
        assert spread.reason == "device signal: tầng 5 · also tầng 1"
        assert told("tầng 1", kind="smoke").spoke_at == spread.spoke_at, "known by now"
        burns = told("tầng 5")
        assert (burns.id, burns.spoke_reason) == (first.id, "priority_rose")
        assert burns.reason == "device signal: tầng 5 · also tầng 1"
        signals.send("fault", place="1")
        heard = {one.rule_id: one.spoke_at for one in signals.arrive()}
        centre.clock.at += 1
        signals.send("fault", place="2")
        assert {one.rule_id: one.spoke_at for one in signals.arrive()} == heard
