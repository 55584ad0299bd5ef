"""Where signs come from: cameras through the queue as workers send them, panels, gateways, a fleet.

All that the centre or a spool accepted is counted: in the end each must be in the archive.
"""

import contextlib
import hashlib
import itertools
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.alerts.queue.fake_events import fake_event
from tests.big_night.night import FALSE_ALARM, FIRES, Night, Spoken
from tests.big_night.site import NightSite
from tests.pictures.stage import flames_of, frame_at, jpeg_of
from tests.reference_clips import SHORT
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, evidence_folder
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.app.drills.synthetic_clip import synthetic_fire_clip
from thapcanh.detection.event import Event, EventPhase

_MOVES_EVERY_S = 2.0
_REFERENCES = "SELECT ref FROM citizen_message"


class Cameras:
    """A worker without decoding: what it raises goes through a spool and the queue."""

    def __init__(self, site: NightSite) -> None:
        self._evidence = site.evidence
        self._spool = Spool(site.folder / "spool.sqlite", "worker-0")
        self._queue = EventQueue(site.queue_url)
        self._publisher = EventPublisher(
            self._spool, self._queue, finished_before=self._queue.finished_before
        )
        self._clip = site.folder / "fire.mp4"
        self.raised: dict[str, float] = {}  # camera: when its worker wrote it down
        synthetic_fire_clip(self._clip, shape=SHORT)
        self._publisher.start()

    def burns(self, camera: str) -> None:
        """A fire with its picture, P1."""
        pixels = frame_at(self._clip, 4.0 + int(camera[-1]) / 2)
        event = self._event(camera, "fire", 1, box=_box(pixels))
        content, folder = jpeg_of(pixels), evidence_folder(event)
        (self._evidence / folder).mkdir(parents=True, exist_ok=True)
        (self._evidence / folder / "snapshot.jpg").write_bytes(content)
        picture = EvidenceRef(
            kind=EvidenceKind.SNAPSHOT, path=f"{folder}/snapshot.jpg", bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        self._append(event, picture)

    def still_burns(self, camera: str) -> None:
        self._append(self._event(camera, "fire", 1, phase=EventPhase.UPDATED))

    def fails(self, camera: str) -> None:
        """No picture comes."""
        self._append(self._event(camera, "camera_offline", 3))

    def report(self, names: Iterable[str]) -> None:
        """What a worker says of itself and its cameras."""
        now, cameras = time.time(), []
        for name in names:
            fails = name in self.raised and name.startswith("loi-")
            cameras.append({
                "id": name, "state": "offline" if fails else "online", "picture": "ok",
                "reason": "unreachable" if fails else "pictures", "detail": "", "since": now - 90,
                "fps": 15.0, "codec": "h264", "last_frame_at": now, "look_interval_s": 0.5,
            })  # fmt: skip
        status = {"worker": "worker-0", "reported_at": now, "cameras": cameras}
        self._queue.report_worker("worker-0", status, 60.0)

    def close(self) -> None:
        self._publisher.stop()
        self._queue.close()
        self._spool.close()

    def _event(self, camera: str, kind: str, priority: int, **facts: Any) -> Event:
        now = time.time()
        return fake_event(
            id=f"{camera}-{time.time_ns()}", event_id=f"event-{camera}", camera_id=camera,
            kind=kind, rule_id=kind, label=kind, priority=priority,
            captured_at=now, inferred_at=now, **({"phase": EventPhase.RAISED} | facts),
        )  # fmt: skip

    def _append(self, event: Event, *evidence: EvidenceRef) -> None:
        now = time.time()
        self._spool.append_all([OutboxItem(event=event, evidence=evidence)], now)
        self.raised.setdefault(event.camera_id, now)


class Panels:
    """Panels of buildings, each by a connection of its own."""

    def __init__(self, site: NightSite, token: str) -> None:
        self._http = site.client(token=token)
        self._lines = ThreadPoolExecutor(8)
        self.raised: dict[str, float] = {}
        self.slowest_s = 0.0

    def ring(self, panel: str) -> None:
        self._lines.submit(self._send, panel)

    def stop(self) -> str:
        """Once all were answered; how that went."""
        self._lines.shutdown()
        return f"slowest answer to a panel {self.slowest_s:.1f} s, put off {self._http.put_off}"

    def _send(self, panel: str) -> None:
        at = self.raised.setdefault(panel, time.time())
        body = {"device_id": panel, "kind": "fire", "place": "Vòng 1", "at": _now()}
        self._http.ask("POST", "/signals", body).raise_for_status()
        self.slowest_s = max(self.slowest_s, time.time() - at)


class Gateways:
    """Messages over eight connections, and a fleet that moves, until the night ends."""

    def __init__(self, site: NightSite, tokens: dict[str, str], night: Night) -> None:
        self._site, self._tokens, self._night = site, tokens, night
        self._due: Iterator[tuple[int, Spoken | None]] = iter(enumerate(night.messages))
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._start = time.monotonic()
        self.accepted: set[str] = set()  # references
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(8)]
        self._threads.append(threading.Thread(target=self._move, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Once every message is sent."""
        for thread in self._threads[:-1]:
            thread.join()
        self._stop.set()
        self._threads[-1].join()

    def abandon(self) -> None:
        """End what is under way, whatever was not sent yet."""
        with self._lock:
            self._due = iter(())
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def lost(self) -> set[str]:
        """References of accepted messages that the archive does not have."""
        address = f"file:{self._site.folder / 'archive.sqlite'}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as archive:
            return self.accepted - {ref for (ref,) in archive.execute(_REFERENCES)}

    def _send(self) -> None:
        http = self._site.client(token=self._tokens["messages"])
        while True:
            with self._lock:
                number, message = next(self._due, (0, None))
            if message is None:
                return
            due = self._start + message.at * self._night.seconds
            self._stop.wait(max(0.0, due - time.monotonic()))
            body = {"channel": "zalo", "ref": str(number), "sender": message.who}
            place = message.place and {"lat": message.place[0], "lon": message.place[1]}
            answer = http.ask("POST", "/messages", body | {"text": message.words, "place": place})
            if answer.status_code == 202:
                self.accepted.add(str(number))
            else:
                self.failed.append(f"message {number}: {answer.text}")

    def _move(self) -> None:
        http = self._site.client(token=self._tokens["positions"])
        fleet = self._night.units
        for turn in itertools.count():
            items = [
                {"unit": one, "lat": round(at[0] + turn % 60 * 2e-5, 6), "lon": at[1],
                 "at": _now()}
                for one, _, at in fleet
            ]  # fmt: skip
            answer = http.ask("POST", "/positions/list", {"items": items})
            if answer.status_code != 202:
                self.failed.append(f"positions: {answer.text[:200]}")
            if self._stop.wait(_MOVES_EVERY_S):
                return


def _box(pixels: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    left, top, right, bottom = flames_of(pixels)
    return left, top, right - left, bottom - top


def _now() -> str:
    return datetime.now(UTC).isoformat()


def fire_cameras(fire: str) -> list[str]:
    return [f"{fire}-{number}" for number in (1, 2, 3)]


def happening_of(source: str) -> str:
    """What a camera or a panel tells of; empty of a fault."""
    name = source.partition("-tu-")[0] if "-tu-" in source else source[:-2]
    return name if name in (*FIRES, FALSE_ALARM) else ""
