"""Two centres on one archive: a proxy leads one signal of a panel here and the next one there."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.queue.message import decode
from alerts.queue.spool import Spool
from alerts.signals.device_signals import SignalRepository
from alerts.signals.signal_schema import SignalBody, SignalKind
from alerts.store.errors import ArchiveUnreachable, SpoolFull
from app.signals.signal_desk import SignalDesk
from app.signals.signal_log import ASKED_EVERY_S, LATE_S, RESTS_S
from detection.event import EventPhase
from tests.app.signals.test_signals_api import PANEL, Signals
from tests.app.web_api.centre import Centre

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
            self.desks.append(SignalDesk(known.devices, spool, known.repository, centre.clock))

    def tell(self, number: int, kind: str, **more: Any) -> None:
        self.clock.at += 1
        at = datetime.fromtimestamp(self.clock.at, UTC)
        signal = SignalBody(device_id=PANEL.id, kind=SignalKind(kind), at=at, **more)
        self.desks[number].receive(signal, str(self.clock.at))

    def round(self, number: int, after_s: float = ASKED_EVERY_S) -> None:
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
    desks.round(0, LATE_S + ASKED_EVERY_S)
    desks.round(0)
    assert desks.phases(0) == [RAISED, UPDATED, CLEARED]


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
