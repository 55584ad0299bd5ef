"""Devices' signals over HTTP: once, bounded, dated, and alerts like a camera's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from uuid6 import uuid7

from tests.app.web_api.centre import NOW, Centre, serving
from tests.patience import PATIENCE_S
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.device_signals import SignalRepository
from thapcanh.alerts.signals.device_store import DeviceRepository
from thapcanh.alerts.signals.signal_schema import SignalBody, SignalKind
from thapcanh.alerts.store.errors import ArchiveUnreachable, SpoolFull
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.centre.web.application import create_app
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.app.signals.device_health import DEVICE_CLOCK, DEVICE_FLOOD, DEVICE_LOST, DeviceHealth
from thapcanh.app.signals.devices_in_force import DevicesInForce
from thapcanh.app.signals.signal_receipts import DeviceFlood
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.app.web_api.access.token_scopes import TokenScope, token_sha256
from thapcanh.config.devices import DeviceConfig

URL = "/api/v1/signals"
PANEL = DeviceConfig(
    id="panel-17", name="Tủ báo cháy", place="1 Hàng Da", area="hoan-kiem", agency="pc07",
    lat=21.03, lon=105.84, heartbeat_s=60.0,
)  # fmt: skip


class Signals:
    """A centre with devices: what is told by HTTP, and what the archive makes of it."""

    def __init__(self, centre: Centre, folder: Path) -> None:
        site = centre.site().model_copy(update={"devices": (PANEL,)})
        centre.site.replace(site)
        self.centre = centre
        self.spool = Spool(folder / "signals.sqlite", "signals")
        self.repository = SignalRepository(centre.archive.database)
        self.devices = DevicesInForce(
            centre.site, DeviceRepository(centre.archive.database), centre.clock
        )
        self.desk = SignalService(self.devices, self.spool, self.repository, centre.clock)
        self.health = DeviceHealth(self.desk, centre.clock)
        self.transport = ArchiveTransport(centre.archive, self._facts, clock=centre.clock)
        self.client = httpx.Client(timeout=PATIENCE_S)

    def _facts(self, _: str) -> CameraFacts:
        return CameraFacts(
            name=PANEL.name, place=PANEL.place, area=PANEL.area, agency=PANEL.agency,
            lat=PANEL.lat, lon=PANEL.lon,
        )  # fmt: skip

    def send(self, kind: str = "fire", *, key: str | None = None, **changes: Any) -> httpx.Response:
        at = datetime.fromtimestamp(changes.pop("at", self.centre.clock.at), UTC).isoformat()
        body = {"device_id": "panel-17", "kind": kind, "at": at, **changes}
        return self.client.post(URL, json=body, headers={"Idempotency-Key": key or str(uuid7())})

    def arrive(self) -> list[Any]:
        """Bring what is in the spool into the archive; the alerts then."""
        waiting = self.spool.oldest(1000)
        sent = [(seq, self.transport.add(entry)) for seq, entry in waiting]
        self.spool.confirm(sent, self.centre.clock.at)
        return list(self.centre.archive.alerts().items)


def token_of(
    centre: Centre, *powers: TokenScope, role: Role = Role.VIEWER,
    scope: DataFilter = EVERYTHING, sender: str | None = None,
) -> str:  # fmt: skip
    from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository

    secret = f"tc_{uuid7()}"
    made = ApiToken(
        id=str(uuid7()), name=str(uuid7()), token_sha256=token_sha256(secret),
        roles=frozenset({role}), powers=frozenset(powers), scope=scope,
        created_at=NOW, expires_at=NOW + 1e9, senders=frozenset({sender} if sender else ()),
    )  # fmt: skip
    ApiTokenRepository(centre.archive.database).add(made)
    return secret


@contextmanager
def served(centre: Centre, folder: Path, **of_token: Any) -> Iterator[Signals]:
    signals = Signals(centre, folder)
    app = create_app(replace(centre.services(), signals=signals.desk))
    powers = of_token.pop("powers", (TokenScope.SIGNAL,))
    headers = {"Authorization": f"Bearer {token_of(centre, *powers, **of_token)}"}
    with serving(centre, app=app) as address:
        signals.client = httpx.Client(
            base_url=address.address, headers=headers, trust_env=False, timeout=PATIENCE_S
        )
        with signals.client:
            yield signals
    signals.spool.close()


def test_a_fire_signal_is_an_alert_once(centre: Centre, tmp_path: Path) -> None:
    with served(centre, tmp_path) as signals:
        first = signals.send(key="k-1", place="Vòng 3")
        assert (first.status_code, first.json()["outcome"]) == (202, "taken")
        again = signals.send(key="k-1", place="Vòng 3")
        assert (again.status_code, again.json()["outcome"]) == (202, "repeated")
        assert again.json()["id"] == first.json()["id"]
        other = signals.send(key="k-1", place="Vòng 4")
        assert (other.status_code, other.json()["error"]) == (409, "signal_key_reused")
        (alert,) = signals.arrive()
        assert (alert.kind, alert.priority, alert.camera_name) == ("fire", 1, "Tủ báo cháy")
        assert (alert.place, alert.agency) == ("1 Hàng Da", "pc07")
        assert "Vòng 3" in alert.reason
        signals.send()
        (alert,) = signals.arrive()
        assert alert.detections == 2
        signals.send("cleared")
        (alert,) = signals.arrive()
        assert alert.condition.value == "cleared"


def test_who_may_not_speak_is_refused(centre: Centre, tmp_path: Path) -> None:
    with served(centre, tmp_path) as signals:
        answer = signals.send(device_id="panel-18")
        assert (answer.status_code, answer.json()["error"]) == (404, "device_unknown")
        assert "panel-18" in answer.json()["detail"]
        assert signals.send("riot").status_code == 422
        assert signals.client.post(URL, json={}).status_code == 400  # no key
    other = DataFilter(agencies=frozenset({"csgt"}))
    with served(centre, tmp_path, scope=other) as signals:
        assert signals.send().status_code == 404
    with served(centre, tmp_path, powers=(TokenScope.READ,)) as signals:
        assert signals.send().status_code == 403


def test_a_flood_is_folded_and_its_last_state_is_taken(centre: Centre, tmp_path: Path) -> None:
    with served(centre, tmp_path) as signals:
        signals.health.findings()
        fire = SignalBody(
            device_id="panel-17", kind=SignalKind.FIRE, at=datetime.fromtimestamp(NOW, UTC)
        )
        outcomes = [_reported(signals.desk, fire) for _ in range(130)]
        assert [outcomes.count(one) for one in ("taken", "folded", "refused")] == [20, 80, 30]
        answer = signals.send()
        assert (answer.status_code, answer.json()["error"]) == (429, "device_flood")
        assert answer.headers["Retry-After"] == "1"
        signals.send("cleared")
        findings = {one.trouble: one for one in signals.health.findings()}
        assert findings[DEVICE_FLOOD].verdict is HealthVerdict.FAULT
        centre.clock.at += 1
        assert signals.send("cleared").json()["outcome"] in ("taken", "folded")
        signals.desk.flush()
        (alert,) = signals.arrive()
        assert (alert.detections, alert.condition.value) == (21, "cleared")


def test_a_fire_within_a_flood_of_faults_is_raised_at_once(centre: Centre, tmp_path: Path) -> None:
    """A burning loop tells of hundreds of faults: none of them stands before the fire."""
    with served(centre, tmp_path) as signals:
        flood = [signals.send("fault", place=f"Vòng {one % 9}") for one in range(40)]
        assert flood[-1].json()["outcome"] == "folded"
        assert signals.send("fire", place="Vòng 3").json()["outcome"] == "taken"
        signals.send("fault", place="Vòng 8")
        fires = [one for one in signals.arrive() if one.kind == "fire"]
        assert [(one.priority, one.condition.value) for one in fires] == [(1, "active")]


def test_what_was_folded_is_taken_in_its_order_and_not_lost_by_a_full_disk(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zone that burns anew is not ended by what an earlier one left in the line."""
    with served(centre, tmp_path) as signals:
        for _ in range(20):
            signals.send("fire", place="Vòng 1")
        for kind, place in (("fire", "Vòng 2"), ("restored", "Vòng 1"), ("fire", "Vòng 1")):
            assert signals.send(kind, place=place).json()["outcome"] == "folded"
        centre.clock.at += 1
        assert signals.send("restored", place="Vòng 2").json()["outcome"] == "folded", "in line"
        with monkeypatch.context() as full:
            full.setattr(signals.spool, "append_all", _disk_is_full)
            signals.desk.flush()
        for _ in range(6):
            centre.clock.at += 1
            signals.desk.flush()
        (alert,) = signals.arrive()
        assert alert.condition.value == "active", "the first zone burns again"
        assert signals.send("restored", place="Vòng 1").json()["outcome"] == "taken"
        (alert,) = signals.arrive()
        assert alert.condition.value == "cleared"


def _disk_is_full(*_: object) -> None:
    raise SpoolFull("no space left")


def _reported(desk: SignalService, signal: SignalBody) -> str:
    try:
        return desk.receive(signal, str(uuid7())).outcome.value
    except DeviceFlood:
        return "refused"


def test_a_wrong_clock_is_told_and_dated_by_when_it_came(centre: Centre, tmp_path: Path) -> None:
    with served(centre, tmp_path) as signals:
        told = signals.send(at=NOW + 7200).json()
        assert told["clock_ahead_s"] == 7200.0
        assert told["at"] == told["received_at"]
        findings = {one.trouble: one for one in signals.health.findings()}
        assert findings[DEVICE_CLOCK].reason == "Tủ báo cháy: its clock is 7200 s ahead"
        (alert,) = signals.arrive()
        assert alert.raised_at == NOW


def test_a_silent_device_is_a_trouble(centre: Centre, tmp_path: Path) -> None:
    with served(centre, tmp_path) as signals:
        centre.clock.at += 61
        findings = {one.trouble: one for one in signals.health.findings()}
        assert findings[DEVICE_LOST].verdict is HealthVerdict.FAULT
        signals.send("heartbeat")
        findings = {one.trouble: one for one in signals.health.findings()}
        assert findings[DEVICE_LOST].verdict is HealthVerdict.FINE
        assert signals.arrive() == []


@pytest.mark.parametrize(("kind", "device_priority"), [("smoke", 2), ("fire", 1)])
def test_a_signal_raises_a_doubted_camera_alert_nearby(
    centre: Centre, tmp_path: Path, kind: str, device_priority: int
) -> None:
    near = CameraFacts(name="Camera 1", lat=21.0301, lon=105.8401, agency="pc07")
    object.__setattr__(centre, "_facts", lambda _: near)
    with served(centre, tmp_path) as signals:
        camera = centre.raise_alert("cam-1", kind="smoke", priority=3, belief=0.4)
        signals.send(kind)
        alerts = {one.id: one for one in signals.arrive()}
        assert alerts[camera].priority == 1
        assert "agrees: Tủ báo cháy" in alerts[camera].reason
        (device,) = [one for one in alerts.values() if one.id != camera]
        assert device.priority == device_priority


@pytest.mark.parametrize("priority", [1, 3])
def test_a_panel_and_a_camera_that_sees_its_fire_are_one_incident(
    centre: Centre, tmp_path: Path, priority: int
) -> None:
    """However far from the panel the camera stands."""
    across = CameraFacts(
        name="Camera 1", lat=21.0318, lon=105.84, area=PANEL.area, agency=PANEL.agency
    )  # 200 m
    object.__setattr__(centre, "_facts", lambda _: across)
    with served(centre, tmp_path) as signals:
        signals.send("fire")
        signals.arrive()
        centre.raise_alert("cam-1", kind="smoke", priority=priority, belief=0.4)
        alerts = signals.arrive()
        incidents = IncidentRepository(centre.archive.database)
        found = {one.id: incidents.of_alert(one.id, EVERYTHING) for one in alerts}
        assert [one.priority for one in alerts] == [1, 1]
        assert len({one.id for one in found.values() if one is not None}) == 1
        assert None not in found.values()


def test_an_archive_that_is_away_loses_no_signal(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise ArchiveUnreachable("archive: away")

    with served(centre, tmp_path) as signals:
        with monkeypatch.context() as patch:
            patch.setattr(SignalRepository, "find_all", away)
            patch.setattr(SignalRepository, "add_all", away)
            assert signals.send().status_code == 202
        (alert,) = signals.arrive()
        assert alert.kind == "fire"


def test_a_signal_that_could_not_be_saved_is_a_whole_alarm_when_it_comes_again(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise SpoolFull("no room")

    with served(centre, tmp_path) as signals:
        for kind in ("fire", "cleared"):
            with monkeypatch.context() as patch:
                patch.setattr(signals.spool, "append_all", full)
                refused = signals.send(kind, key=f"key-{kind}")
            assert refused.status_code == 503
            assert signals.send(kind, key=f"key-{kind}").status_code == 202
        phases = [entry["type"].split(".")[2] for _, entry in signals.spool.oldest()]
    assert phases == ["raised", "cleared"]
