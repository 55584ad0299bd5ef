"""`python -m benchmarks.centre.panels`: a thousand fire panels of a city call within one second.

A registry of 24,000 devices; 1,000 of them send a fire by SIA DC-09 over a connection each. Timed
from the moment that a frame is sent: until its answer, and until its alert stands in the archive.
Then what the same costs when it is over: a round of health, and a plan of the cameras to open.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.harness import results_file
from benchmarks.harness.default_site import default_site
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.signals.device_signals import SignalRepository
from thapcanh.alerts.signals.device_store import DeviceRepository
from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.calls.attention.attention_plan import attention_plan
from thapcanh.app.signals.device_health import DeviceHealth
from thapcanh.app.signals.devices_in_force import DevicesInForce
from thapcanh.app.signals.panels.panel_receivers import PanelReceivers
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.config.camera import CameraConfig
from thapcanh.config.devices import DeviceConfig, PanelReceiverConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.ingest.clock import SystemClock

_AT_ONCE = 500  # devices written together
_WITHIN_S = 120.0
_KEEPER = Actor(username="benchmark", name="benchmark", role=Role.ADMIN)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `results/panels.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.centre.panels", description=__doc__)
    parser.add_argument("--devices", type=int, default=24_000)
    parser.add_argument("--signals", type=int, default=1_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), options.devices, options.signals)
    content = {
        "machine": machine(), "versions": versions(), "devices": options.devices,
        "signals": options.signals, **found,
    }  # fmt: skip
    path = results_file.write(
        "panels", content, markdown(("measured", "value"), list(found.items()))
    )
    sys.stdout.write(f"{path}\n")


def measured(folder: Path, devices: int, signals: int) -> dict[str, Any]:
    """All figures; times are seconds."""
    clock = SystemClock()
    site = made_site()
    with closing(Archive(sqlite_url(folder / "archive.sqlite"))) as archive:
        kept = DeviceRepository(archive.database)
        began = time.perf_counter()
        fill(kept, devices)
        found: dict[str, Any] = {"fill_s": _since(began)}
        known = DevicesInForce(lambda: site, kept, clock)
        began = time.perf_counter()
        known.refresh()
        found["read_all_s"] = _since(began)
        spool = Spool(folder / "signals.sqlite", "signals")
        desk = SignalService(known, spool, SignalRepository(archive.database), clock)
        publisher = EventPublisher(spool, ArchiveTransport(archive, facts_of(known)))
        receivers = PanelReceivers(lambda: site, desk)
        publisher.start()
        receivers.start()
        busy = time.process_time()
        try:
            sent = asyncio.run(told(receivers.ports["sia"], signals))
            found |= _arrivals(archive.database, sent, signals)
        finally:
            receivers.stop()
            publisher.stop()
        found["processor_s"] = round(time.process_time() - busy, 3)
        health = DeviceHealth(desk, clock)
        began = time.perf_counter()
        health.findings()
        found["health_round_s"] = _since(began)
        began = time.perf_counter()
        plan = attention_plan(archive.database, site, time.time(), known.find)
        found |= {"attention_plan_s": _since(began), "cameras_that_look_harder": len(plan.given)}
        spool.close()
    return found


def made_site() -> Site:
    """A receiver, and cameras over the city."""
    chance = random.Random(3)  # noqa: S311 nothing secret
    cameras = tuple(
        CameraConfig(
            id=f"cam-{number}",
            name=f"Camera {number}",
            source=SecretUrl(f"rtsp://10.0.0.1/{number}"),
            lat=chance.uniform(20.93, 21.11),
            lon=chance.uniform(105.74, 105.93),
        )
        for number in range(2000)
    )
    receiver = PanelReceiverConfig(id="sia", port=0, host="127.0.0.1")
    return default_site(cameras=cameras, receivers=(receiver,))


def fill(kept: DeviceRepository, count: int) -> None:
    """Write the devices as their screen does, each with two cameras."""
    chance = random.Random(5)  # noqa: S311
    made = [
        DeviceConfig(
            id=f"panel-{number}",
            name=f"Tủ {number}",
            account=f"{number:06X}",
            cameras=(f"cam-{number % 2000}", f"cam-{(number + 1) % 2000}"),
            lat=chance.uniform(20.93, 21.11),
            lon=chance.uniform(105.74, 105.93),
            heartbeat_s=300,
        )
        for number in range(count)
    ]
    for first in range(0, count, _AT_ONCE):
        kept.save(_KEEPER, made[first : first + _AT_ONCE], time.time())


def facts_of(known: DevicesInForce) -> Any:
    """An alert's facts as the centre looks them up."""

    def facts(name: str) -> CameraFacts | None:
        found = known.find(name)
        if found is None:
            return None
        return CameraFacts(name=found.name, lat=found.lat, lon=found.lon)

    return facts


async def told(port: int, count: int) -> dict[str, tuple[float, float]]:
    """Send a fire of each of so many panels within a second: when it was sent, and answered."""
    sent: dict[str, tuple[float, float]] = {}

    async def one(number: int) -> None:
        await asyncio.sleep(number / count)
        at = time.time()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(number))
        answer = await reader.readuntil(b"\r")
        if b'"ACK"' in answer:
            sent[f"panel-{number}"] = (at, time.time())
        writer.close()

    await asyncio.gather(*(one(number) for number in range(count)))
    return sent


def frame(number: int) -> bytes:
    """A fire of zone 1, as SIA DC-09 frames it."""
    body = f'"SIA-DCS"0001L0#{number:06X}[#{number:06X}|Nri1/FA1]'
    value = 0
    for letter in body.encode():
        value ^= letter
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return f"\n{value:04X}{len(body):04X}{body}\r".encode()


def _arrivals(
    database: Database, sent: dict[str, tuple[float, float]], signals: int
) -> dict[str, Any]:
    until = time.monotonic() + _WITHIN_S
    stored: dict[str, float] = {}
    while len(stored) < len(sent) and time.monotonic() < until:
        with database.reading() as connection:
            rows = connection.execute(sa.select(alert.c.camera_id, alert.c.stored_at)).all()
        stored = {row.camera_id: row.stored_at for row in rows}
        time.sleep(0.05)
    answers = [answered - at for at, answered in sent.values()]
    alerts = [stored[name] - at for name, (at, _) in sent.items() if name in stored]
    return {
        "answered": len(sent),
        "alerts": len(alerts),
        "lost": signals - len(alerts),
        "answer_p50_s": quantile(answers, 0.5),
        "answer_p95_s": quantile(answers, 0.95),
        "alert_p50_s": quantile(alerts, 0.5),
        "alert_p95_s": quantile(alerts, 0.95),
        "alert_most_s": round(max(alerts, default=0.0), 3),
    }


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 3)


if __name__ == "__main__":
    main()
