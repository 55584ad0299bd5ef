"""One of the linked sites: a real centre with its queue, an officer, three cameras, its folder."""

import contextlib
import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.alerts.queue.fake_events import fake_event
from tests.big_night.people import acted, close, judge
from tests.big_night.site import PASSWORD, Client
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, evidence_folder
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.app.process.embedded_valkey import prepare
from thapcanh.app.process.free_port import free_port
from thapcanh.config.site import QueueConfig

FIRES = 3
_UP_WITHIN_S = 180.0
_KILOMETRES = 0.02  # degrees; a fire joins none of another camera


class LinkedSite:
    """Its processes and its way to say what burns."""

    def __init__(self, folder: Path, number: int) -> None:
        folder.mkdir(parents=True)
        self.folder, self.name, self.port = folder, f"Trung tâm {number}", free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.cameras = [f"cam-{number}-{fire}" for fire in range(FIRES)]
        self.raised: dict[str, float] = {}  # camera: when its worker wrote it down
        self._config = folder / "thapcanh.toml"
        self._config.write_text(self._text(number), encoding="utf-8")
        embedded = prepare(folder / "queue", folder / "run", QueueConfig())
        self._log = (folder / "centre.log").open("ab")
        self._queue_process = subprocess.Popen(
            embedded.arguments, stdout=self._log, stderr=self._log
        )
        self.start()
        self._queue = EventQueue(embedded.url)
        self._spool = Spool(folder / "spool.sqlite", "worker-0")
        self._publisher = EventPublisher(
            self._spool, self._queue, finished_before=self._queue.finished_before
        )
        self._publisher.start()
        self.admin = Client(self.url, "admin", PASSWORD)
        self.officer = self._hired()

    def _text(self, number: int) -> str:
        lines = ["[site]", f'data_dir = "{self.folder}"', f'name = "{self.name}"']
        lines += ["[centre]", f"port = {self.port}", "[features]", 'on = ["links"]']
        for fire, camera in enumerate(self.cameras):
            lines += ["[[cameras]]", f'id = "{camera}"', f'source = "rtsp://127.0.0.1:9/{camera}"']
            lines += [f'name = "Phố {camera}"', f"lat = {20.5 + number * _KILOMETRES:.3f}"]
            lines.append(f"lon = {105.5 + fire * _KILOMETRES:.3f}")
        return "\n".join(lines)

    def start(self) -> None:
        command = [sys.executable, "-m", "thapcanh", "centre", "-c", str(self._config)]
        environment = {**os.environ, "THAPCANH_ADMIN_PASSWORD": PASSWORD}
        self._centre = subprocess.Popen(
            command, stdout=self._log, stderr=self._log, env=environment
        )
        until = time.monotonic() + _UP_WITHIN_S
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/healthz", timeout=5.0).status_code == 200:
                    return
            time.sleep(0.2)
        raise TimeoutError(f"the centre did not come up: {self.folder / 'centre.log'}")

    def kill_and_start(self, after_s: float) -> None:
        """SIGKILL, and another process some time later."""
        self._centre.kill()
        self._centre.wait()
        time.sleep(after_s)
        self.start()

    def stop(self) -> None:
        self._publisher.stop()
        self._queue.close()
        self._spool.close()
        for client in (self.admin, self.officer):
            client.close()
        for process in (self._centre, self._queue_process):
            process.terminate()
        for process in (self._centre, self._queue_process):
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()

    def burns(self, camera: str, picture: bytes) -> None:
        """Raise a fire with its picture, as a worker does."""
        now = time.time()
        event = fake_event(
            id=f"{camera}-{time.time_ns()}", event_id=f"event-{camera}", camera_id=camera,
            captured_at=now, inferred_at=now,
        )  # fmt: skip
        folder = self.folder / "evidence" / evidence_folder(event)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "snapshot.jpg").write_bytes(picture)
        snapshot = EvidenceRef(
            kind=EvidenceKind.SNAPSHOT, path=f"{evidence_folder(event)}/snapshot.jpg",
            bytes=len(picture), sha256=hashlib.sha256(picture).hexdigest(),
        )  # fmt: skip
        self.raised[camera] = time.time()
        self._spool.append_all([OutboxItem(event=event, evidence=(snapshot,))], time.time())

    def handle(self, camera: str) -> None:
        """See, confirm and end a fire, as an officer of this site does."""
        incident = self.incidents()[camera]
        version = self.officer.read(f"/incidents/{incident}")["version"]
        acted(self.officer, incident, "acknowledge", version, {})
        judge(self.officer, incident, "true", None)
        close(self.officer, incident)

    def incidents(self) -> dict[str, str]:
        """Return the incident of each camera that burns."""
        query = (
            "SELECT a.camera_id, m.incident_id FROM alert a JOIN incident_member m "
            "ON m.member_id = a.id WHERE a.kind = 'fire' AND m.left_at IS NULL"
        )
        return dict(self.rows(query))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return rows of the archive, read beside the centre."""
        address = f"file:{self.folder / 'archive.sqlite'}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=30)) as archive:
            return archive.execute(query).fetchall()

    def cost(self) -> tuple[float, float]:
        """Return the centre's CPU seconds and its memory in MiB."""
        process = psutil.Process(self._centre.pid)
        spent = process.cpu_times()
        return spent.user + spent.system, process.memory_info().rss / (1 << 20)

    def _hired(self) -> Client:
        fields: dict[str, Any] = {"username": "an", "name": "Đồng chí An", "roles": ["operator"]}
        fields |= {"agencies": None, "areas": None, "unit": None}
        made = self.admin.ask("POST", "/accounts", fields).raise_for_status().json()
        body = {"username": "an", "password": made["password"], "new_password": PASSWORD}
        httpx.post(f"{self.url}/api/v1/session", json=body, timeout=60).raise_for_status()
        officer = Client(self.url, "an", PASSWORD)
        officer.ask("POST", "/shift/take", {"sound_heard": True}).raise_for_status()
        return officer
