"""Two centres on one archive: a proxy leads one signal of a panel here and the next one there."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.app.signals.test_signals_api import PANEL, Signals
from tests.app.web_api.centre import Centre
from thapcanh.alerts.queue.message import decode
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.device_signals import SignalRepository
from thapcanh.alerts.signals.signal_schema import SignalBody, SignalKind
from thapcanh.alerts.store.errors import ArchiveUnreachable, QueueError, SpoolFull
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.app.signals.device_health import DEVICE_LOST, DeviceHealth
from thapcanh.app.signals.signal_log import CHECK_EVERY_S, LATE_S, RESTS_S
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.detection.event import EventPhase

RAISED, UPDATED, CLEARED = EventPhase.RAISED, EventPhase.UPDATED, EventPhase.CLEARED


class _Desks:
    """The desks of two centres, and what each has told so far."""

    def __init__(self, centre: Centre, folder: Path, stack: ExitStack) -> None:
        self.clock = centre.clock
        known = Signals(centre, folder)
        stack.callback(known.spool.close)
        self.spools = [Spool(folder / f"{name}.sqlite", "signals") for name in "ab"]
        self.desks = []
        for spool in self.spools:
            stack.callback(spool.close)
            self.desks.append(SignalService(known.devices, spool, known.repository, centre.clock))

    def tell(self, number: int, kind: str, **more: Any) -> None:
        self.clock.at += 1
        at = datetime.fromtimestamp(self.clock.at, UTC)
        signal = SignalBody(device_id=PANEL.id, kind=SignalKind(kind), at=at, **more)
        self.desks[number].receive(signal, str(self.clock.at))

    def round(self, number: int, after_s: float = CHECK_EVERY_S) -> None:
        self.clock.at += after_s
        self.desks[number].flush()

    def phases(self, number: int) -> list[EventPhase]:
        spooled = self.spools[number].oldest(100)
        return [decode(entry).event.phase for _, entry in spooled]


@pytest.fixture
def desks(centre: Centre, tmp_path: Path) -> Iterator[_Desks]:
    with ExitStack() as stack:
        yield _Desks(centre, tmp_path, stack)


def test_a_fire_after_an_end_that_another_centre_heard_is_another_fire(desks: _Desks) -> None:
    """It was more of the one before, whose alert was closed by then: nobody was told."""
    desks.tell(0, "fire", place="1")
    desks.tell(1, "restored", place="1")
    desks.tell(0, "fire", place="1")
    assert desks.phases(0) == [RAISED, CLEARED, RAISED]
    assert desks.phases(1) == []


def test_an_end_that_another_centre_heard_is_told_without_another_signal(
    desks: _Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise SpoolFull("the disk")

    desks.tell(0, "fire", place="1")
    desks.tell(0, "fire", place="2")
    desks.tell(1, "restored", place="1")
    desks.round(0)
    assert desks.phases(0) == [RAISED, UPDATED]  # the other zone still burns
    desks.tell(1, "restored", place="2")
    with monkeypatch.context() as patch:
        patch.setattr(Spool, "append_all", full)
        desks.round(0)
    desks.round(0, LATE_S + CHECK_EVERY_S)
    desks.round(0)
    assert desks.phases(0) == [RAISED, UPDATED, CLEARED]


def test_a_clock_that_is_put_back_ends_no_fire(desks: _Desks) -> None:
    """All that was said of it was dated later than now, and so it was over."""
    desks.tell(0, "fire", place="1")
    desks.tell(0, "fire", place="2")
    desks.clock.at -= 30
    desks.tell(1, "restored", place="2")
    desks.tell(0, "fire", place="3")
    assert desks.phases(0) == [RAISED, UPDATED, UPDATED]


def test_the_log_is_read_since_it_was_asked_last_alone(
    desks: _Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start, and after each batch that found no room, it was read from its beginning."""
    asked: list[float] = []
    began_at = desks.clock.at

    def at_rest(_: SignalRepository, since: float) -> set[str]:
        asked.append(since)
        return set()

    def full(*_: Any) -> Any:
        raise SpoolFull("the disk")

    monkeypatch.setattr(SignalRepository, "devices_at_rest", at_rest)
    desks.tell(0, "fire", place="1")
    desks.round(0)
    with monkeypatch.context() as patch:
        patch.setattr(Spool, "append_all", full)
        with pytest.raises(SpoolFull):
            desks.tell(0, "fire", place="2")
    desks.round(0)
    assert len(asked) == 3
    assert min(asked) >= began_at - LATE_S


def test_a_fire_of_which_the_log_knows_nothing_goes_on(
    desks: _Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise ArchiveUnreachable("archive: away")

    desks.tell(0, "fire", place="1")
    desks.tell(1, "restored", place="1")
    with monkeypatch.context() as patch:
        for name in ("add_all", "find_all", "devices_at_rest"):
            patch.setattr(SignalRepository, name, away)
        desks.tell(0, "fire", place="2")
    desks.round(0, RESTS_S)
    assert desks.phases(0) == [RAISED, UPDATED]
    desks.tell(0, "cleared")
    assert desks.phases(0) == [RAISED, UPDATED, CLEARED]


class _Exchange:
    """The queue's part of it, by a clock that is set."""

    def __init__(self, centre: Centre) -> None:
        self.clock = centre.clock
        self.heard: dict[str, float] = {}
        self.is_away = False

    def share_activity(self, silent_s: Mapping[str, float]) -> dict[str, float]:
        if self.is_away:
            raise QueueError("away")
        now = self.clock.at
        self.heard |= {name: now - silence for name, silence in silent_s.items()}
        return {name: now - at for name, at in self.heard.items()}


def test_a_device_that_another_centre_hears_is_not_lost(centre: Centre, desks: _Desks) -> None:
    """Heartbeats that a proxy led elsewhere were missed, of many when the leader changed."""
    exchange, health = _Exchange(centre), DeviceHealth(desks.desks[0], desks.clock)
    limit_s = PANEL.heartbeat_s or 0.0

    def lost(after_s: float) -> list[HealthVerdict]:
        desks.clock.at += after_s
        for desk in reversed(desks.desks):
            with suppress(QueueError):
                desk.heard.share(exchange)
        return [one.verdict for one in health.findings() if one.trouble is DEVICE_LOST]

    desks.tell(1, "heartbeat")
    assert lost(limit_s - 1) == []
    desks.tell(1, "heartbeat")
    assert lost(limit_s - 1) == [], "the other one heard it"
    assert desks.desks[0].heard.heard_at(PANEL.id) == desks.desks[1].heard.heard_at(PANEL.id)
    exchange.is_away = True
    assert lost(limit_s) == [HealthVerdict.UNSURE], "only the other one would know"
    exchange.is_away = False
    assert lost(0) == [HealthVerdict.FAULT], "no centre hears it"
    desks.tell(0, "heartbeat")
    assert lost(0) == [HealthVerdict.FINE]
    exchange.is_away = True
    assert lost(limit_s + 1) == [HealthVerdict.FAULT], "it spoke here last"


def test_a_device_that_is_new_is_not_lost_at_once(centre: Centre, desks: _Desks) -> None:
    """It was silent for as long as the centre ran."""
    health = DeviceHealth(desks.desks[0], desks.clock)

    def lost(after_s: float) -> list[str]:
        desks.clock.at += after_s
        desks.tell(0, "heartbeat")
        return [one.subject for one in health.findings() if one.trouble is DEVICE_LOST]

    assert lost(1000) == []
    new = PANEL.model_copy(update={"id": "panel-18"})
    centre.site.replace(centre.site().model_copy(update={"devices": (PANEL, new)}))
    assert lost(1) == []
    assert lost(PANEL.heartbeat_s or 0.0) == ["panel-18"]
