"""What was answered is on the disk: a crash in the midst of a flood loses nothing of it."""

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from uuid6 import uuid7

from tests.app.signals.test_signals_api import PANEL, Signals
from tests.app.web_api.centre import NOW, Centre
from thapcanh.alerts.signals.device_events import RAISING
from thapcanh.alerts.signals.device_store import DeviceTest
from thapcanh.alerts.signals.signal_schema import QUIET, SignalBody, SignalKind
from thapcanh.alerts.store.errors import ArchiveUnreachable, SpoolFull
from thapcanh.app.delivery.mqtt_signals import MqttSignals, topic_of
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.app.signals.device_health import DEVICE_FULL
from thapcanh.app.signals.panels.panel_make import PanelSignal
from thapcanh.app.signals.panels.panel_saver import PanelSaver
from thapcanh.app.signals.signal_receipts import MOST_WAITING, DeviceFlood
from thapcanh.app.signals.signal_service import SignalService

AT = datetime.fromtimestamp(NOW, UTC)
TOLD = [kind for kind in SignalKind if kind not in QUIET]
Tell = Callable[[SignalService, SignalBody], bool]


def said(kind: SignalKind, place: str | None = None) -> SignalBody:
    return SignalBody(device_id=PANEL.id, kind=kind, at=AT, place=place)


def killed(signals: Signals, folder: Path) -> Signals:
    """The centre as it comes up after `kill -9`: all it has is what the disk holds now."""
    folder.mkdir()
    for part in signals.spool.path.parent.glob(f"{signals.spool.path.name}*"):
        shutil.copy(part, folder / part.name)
    return Signals(signals.centre, folder)


def settle(signals: Signals) -> None:
    for _ in range(30):
        signals.centre.clock.at += 1
        signals.desk.flush()


def by_http(desk: SignalService, signal: SignalBody) -> bool:
    """Whether the sender is told that it was taken, and sends it no more."""
    try:
        desk.receive(signal, str(uuid7()))
    except (DeviceFlood, SpoolFull):
        return False
    return True


def by_mqtt(desk: SignalService, signal: SignalBody) -> bool:
    async def in_thread(work: Callable[..., Any], *given: Any) -> Any:
        return work(*given)

    listener: Any = object.__new__(MqttSignals)
    listener._desk, listener._in_thread = desk, in_thread
    body = signal.model_dump_json()[:-1] + f', "id": "{uuid7()}"}}'
    try:
        asyncio.run(listener._receive(topic_of(PANEL), body))
    except SpoolFull:
        return False
    return True


def by_panel(desk: SignalService, signal: SignalBody) -> bool:
    async def saved() -> bool:
        with ThreadPoolExecutor(1) as pool:
            saver = PanelSaver(desk, pool)
            saving = asyncio.create_task(saver.run())
            told = PanelSignal(
                account="1234", kind=signal.kind, at=signal.at, key=str(uuid7()),
                place=signal.place, value=None, restores=None,
            )  # fmt: skip
            is_saved = await saver.save(told)
            saving.cancel()
            return bool(is_saved)

    return asyncio.run(saved())


WAYS = pytest.mark.parametrize("tell", [by_http, by_mqtt, by_panel])


@pytest.fixture
def signals(centre: Centre, tmp_path: Path) -> Any:
    made = Signals(centre, tmp_path)
    panel = PANEL.model_copy(update={"account": "1234"})
    centre.site.replace(centre.site().model_copy(update={"devices": (panel,)}))
    yield made
    made.spool.close()


@WAYS
@pytest.mark.parametrize("kind", sorted(RAISING))
def test_a_folded_signal_that_was_answered_outlives_a_crash(
    signals: Signals, tmp_path: Path, tell: Tell, kind: SignalKind
) -> None:
    """It was only in memory, for a second or more, though its panel had its ACK."""
    other = SignalKind.SMOKE if kind is SignalKind.FIRE else SignalKind.FIRE
    filling = other if kind in (SignalKind.FIRE, SignalKind.SMOKE) else SignalKind.FAULT
    for number in range(25):
        assert tell(signals.desk, said(filling, f"Vòng {number}"))
    assert tell(signals.desk, said(kind, "Kho"))
    assert not any("Kho" in str(entry) for _, entry in signals.spool.oldest(1000)), "it waits"
    after = killed(signals, tmp_path / "after")
    settle(after)
    assert any("Kho" in str(entry) for _, entry in after.spool.oldest(1000))
    assert after.spool.waiting() == []
    kinds = {event.label for event in after.spool.open_events()}
    assert kind.value in kinds
    after.spool.close()


def test_what_waited_is_taken_in_its_order_after_a_crash(signals: Signals, tmp_path: Path) -> None:
    fire, restored = SignalKind.FIRE, SignalKind.RESTORED
    for _ in range(20):
        by_http(signals.desk, said(fire, "A"))
    for kind, place in ((restored, "A"), (fire, "B"), (fire, "A"), (restored, "B")):
        assert by_http(signals.desk, said(kind, place))
    burning = killed(signals, tmp_path / "burning")
    settle(burning)
    (event,) = burning.spool.open_events()
    assert event.label == "fire"
    assert by_http(burning.desk, said(restored, "A"))
    assert burning.spool.open_events() == []
    burning.spool.close()


@WAYS
@pytest.mark.parametrize("kind", TOLD)
def test_nothing_is_answered_that_the_disk_did_not_take(
    signals: Signals, tell: Tell, kind: SignalKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a flood of any size; then the sender sends it again, and it is taken."""
    for number in range(60):
        assert tell(signals.desk, said(kind, f"Vòng {number}"))
    with monkeypatch.context() as full:
        full.setattr(signals.spool, "append_all", _disk_is_full)
        full.setattr(signals.spool, "keep_waiting", _disk_is_full)
        for _ in range(2):
            assert not tell(signals.desk, said(kind, "Kho"))
    assert tell(signals.desk, said(kind, "Kho"))
    assert any("Kho" in body for _, body in signals.spool.waiting())


def test_a_frame_twice_in_one_batch_that_is_not_saved_is_answered_neither_time(
    signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second was told to be a repetition of what nobody had saved."""
    monkeypatch.setattr(signals.spool, "append_all", _disk_is_full)
    fire, again = said(SignalKind.FIRE), said(SignalKind.FIRE, "Kho")
    answers = signals.desk.receive_each([(fire, "k"), (fire, "k"), (again, "k")])
    assert [type(one) for one in answers] == [SpoolFull] * 3


def test_a_full_line_drops_nothing_that_was_answered(signals: Signals, tmp_path: Path) -> None:
    told = [
        one for one in (said(SignalKind.FIRE, str(n)) for n in range(MOST_WAITING + 60))
        if by_panel_batch(signals.desk, one)
    ]  # fmt: skip
    assert len(told) == MOST_WAITING + 20, "the others send again"
    (full,) = [one for one in signals.health.findings() if one.trouble is DEVICE_FULL]
    assert (full.subject, full.verdict) == (PANEL.id, HealthVerdict.FAULT), "by MQTT they are lost"
    (full,) = [one for one in signals.health.findings() if one.trouble is DEVICE_FULL]
    assert full.verdict is HealthVerdict.FINE, "none found no place since"
    _, state = signals.desk.states()[PANEL.id]
    assert state is not None
    state.of_fire.was_full = 1
    (full,) = [one for one in signals.health.findings() if one.trouble is DEVICE_FULL]
    assert full.verdict is HealthVerdict.FAULT, "it was away, and is counted anew"
    after = killed(signals, tmp_path / "after")
    waiting = {body for _, body in after.spool.waiting()}
    assert len(waiting) == MOST_WAITING
    assert any('"place":"20"' in body for body in waiting), "the oldest of them too"
    after.spool.close()


def by_panel_batch(desk: SignalService, signal: SignalBody) -> bool:
    (answer,) = desk.receive_each([(signal, str(uuid7()))])
    return not isinstance(answer, Exception) or (
        isinstance(answer, DeviceFlood) and answer.is_saved
    )


def test_what_a_panel_says_in_its_test_is_not_answered_while_nobody_keeps_it(
    signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It still burns when the test ends, and only the archive would know of it."""
    test = DeviceTest(
        id="t-1", device_id=PANEL.id, begins_at=NOW - 1, ends_at=NOW + 60, reason="x", begun_by="kt"
    )
    monkeypatch.setattr(signals.devices, "in_test", lambda *_: test)
    with monkeypatch.context() as away:
        away.setattr(signals.repository, "add_all", _archive_is_away)
        assert not by_panel(signals.desk, said(SignalKind.FIRE))
    assert by_panel(signals.desk, said(SignalKind.FIRE))
    assert signals.repository.standing(PANEL.id, NOW - 1, NOW + 60) != []


def _disk_is_full(*_: object) -> None:
    raise SpoolFull("no space left")


def _archive_is_away(*_: object) -> None:
    raise ArchiveUnreachable("away")
