"""Which zones of a panel still tell of something: after a restart, and after a test."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.signals.device_signals import SignalRepository, still_told
from alerts.signals.signal_schema import SignalBody, SignalKind
from alerts.store.errors import ArchiveUnreachable
from app.signals.signal_desk import SignalDesk
from tests.app.signals.test_signals_api import PANEL, served
from tests.app.web_api.centre import NOW, Centre


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
        desk = SignalDesk(signals.devices, signals.spool, signals.repository, centre.clock)

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
    assert still_told([fire, fault, other, told("restored", "1", "fault")]) == [fire, other]
    assert still_told([fire, fault, other, told("restored", "1")]) == [other]
    assert still_told([fire, fault, other, told("restored", None, "fire")]) == [fault]
    assert still_told([fire, fault, told("cleared", None), other]) == [other]
