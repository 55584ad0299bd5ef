"""Real centre processes on one PostgreSQL and one queue, a proxy before them, and screens."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests import source_trees
from tests.patience import PATIENCE_S, patient
from thapcanh.alerts.store.coordination.session import centre_name
from thapcanh.app.process.free_port import free_port

PASSWORD = "mật-khẩu-chạy-thử-1"
CAMERAS = tuple(f"cam-{number}" for number in range(4))


def eventually(check: Callable[[], Any], what: str, within_s: float = 60.0) -> Any:
    """The first true answer of `check`; fail where none comes."""
    deadline = time.monotonic() + patient(within_s)
    last: object = None
    while time.monotonic() < deadline:
        try:
            if last := check():
                return last
        except httpx.HTTPError as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"did not come: {what} (last: {last})")


class CentreProcess:
    """`thapcanh centre` on a data folder of its own."""

    def __init__(self, folder: Path, archive_url: str, queue_url: str, extra: str = "") -> None:
        folder.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log.txt"
        self._config = folder / "thapcanh.toml"
        lines = ["[centre]", f"port = {self.port}", "[archive]", f'url = "{archive_url}"',
                 "[queue]", f'url = "{queue_url}"', extra]  # fmt: skip
        for camera in CAMERAS:
            lines += ["[[cameras]]", f'id = "{camera}"', f'name = "Camera {camera}"']
            lines += ['source = "rtsp://127.0.0.1:1/none"', "lat = 21.03", "lon = 105.85"]
        self._config.write_text("\n".join(lines), encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None
        self.program = source_trees.ROOT  # where the rooms of the program lie that runs here

    @property
    def name(self) -> str:
        """As the other centres and `thapcanh status` call it; empty until it has begun."""
        made = self._config.parent / "data" / "centre-id"
        return centre_name(made.read_text(encoding="ascii").strip()) if made.exists() else ""

    def begin(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command("centre"),
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment(),
            )

    def run(self, command: str) -> str:
        """What another command prints on this configuration; it must succeed."""
        done = subprocess.run(
            self._command(command), check=False, capture_output=True, env=self._environment()
        )
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout.decode()

    def _command(self, name: str) -> list[str]:
        has_package = (self.program / "thapcanh" / "__main__.py").exists()  # since 0.2.0
        module = "thapcanh" if has_package else "app"
        return [sys.executable, "-P", "-m", module, name, "-c", str(self._config)]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "THAPCANH_ADMIN_PASSWORD": PASSWORD,
            "PYTHONPATH": str(self.program),
        }

    def kill(self) -> None:
        """As by `kill -9`."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
        health = httpx.get(f"{self.url}/healthz", timeout=5.0)
        is_open = health.json().get("status") != "centre_opening"
        return is_open and health.status_code in (200, 503)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            self._process.wait(patient(60))


@contextmanager
def proxy(folder: Path, centres: Sequence[CentreProcess]) -> Iterator[list[str]]:
    """The addresses that screens use: nginx before all centres, or each centre where it is not."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        yield [centre.url for centre in centres]
        return
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(_nginx(folder, port, centres), encoding="utf-8")
    running = subprocess.Popen([program, "-p", str(folder), "-c", str(config)])
    try:
        yield [f"http://127.0.0.1:{port}"]
    finally:
        running.terminate()
        running.wait(patient(20))


def _nginx(folder: Path, port: int, centres: Sequence[CentreProcess]) -> str:
    servers = "".join(
        f"server 127.0.0.1:{one.port} max_fails=1 fail_timeout=1s;" for one in centres
    )
    temp = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;"
        "events { worker_connections 512; }"
        f"http {{ access_log off; {temp} upstream centres {{ {servers} }}"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://centres;"
        "proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $http_host;"
        "proxy_connect_timeout 2s; proxy_read_timeout 1h; proxy_buffering off;"
        "proxy_next_upstream error timeout; } } }"
    )


class Officer:
    """One session; whichever centre answers."""

    def __init__(self, urls: Sequence[str], username: str = "admin") -> None:
        self.urls = list(urls)
        answer = httpx.post(
            f"{self.urls[0]}/api/v1/session",
            json={"username": username, "password": PASSWORD},
            timeout=PATIENCE_S,
        )
        answer.raise_for_status()
        self.http = httpx.Client(timeout=PATIENCE_S)
        self.http.headers["X-CSRF-Token"] = answer.json()["csrf"]
        self.http.headers["Cookie"] = f"thapcanh_session={answer.cookies['thapcanh_session']}"

    def alerts(self, url: str | None = None) -> list[dict[str, Any]]:
        asked = self.http.get(f"{url or self.urls[0]}/api/v1/alerts", params={"limit": 200})
        asked.raise_for_status()
        items: list[dict[str, Any]] = asked.json()["items"]
        return items

    def act(self, url: str, alert: dict[str, Any], action: str, key: str) -> httpx.Response:
        return self.http.post(
            f"{url}/api/v1/alerts/{alert['id']}/{action}",
            json={},
            headers={"Idempotency-Key": key, "If-Match": str(alert["version"])},
        )


class Screen:
    """The stream of changes, opened again where it was cut, as a browser does it."""

    def __init__(self, officer: Officer) -> None:
        self._officer = officer
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.changes: list[tuple[int, dict[str, Any]]] = []
        self.gaps = 0
        self.last_id = ""
        self.opened = 0
        self.heard_at = 0.0  # monotonic seconds of the first word of the newest connection

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(patient(30))
        assert not self._thread.is_alive()

    def seqs(self) -> list[int]:
        return [seq for seq, _ in list(self.changes)]

    def _run(self) -> None:
        turn = 0
        while not self._stopping.is_set():
            try:
                self._listen(self._officer.urls[turn % len(self._officer.urls)])
            except httpx.HTTPError:
                turn += 1
            self._stopping.wait(0.3)

    def _listen(self, url: str) -> None:
        headers = dict(self._officer.http.headers)
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        timeout = httpx.Timeout(20.0, read=15.0)  # heartbeats come every 10 s
        with httpx.stream("GET", f"{url}/api/v1/stream", headers=headers, timeout=timeout) as told:
            told.raise_for_status()
            fields: dict[str, str] = {}
            is_first = True
            for line in told.iter_lines():
                if self._stopping.is_set():
                    return
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                    continue
                if "data" in fields:
                    self._receive(fields)
                    if is_first:
                        is_first, self.heard_at = False, time.monotonic()
                        self.opened += 1
                fields = {}

    def _receive(self, fields: dict[str, str]) -> None:
        name, seq = fields["event"], int(fields["id"])
        if name in ("change", "incident"):
            self.changes.append((seq, json.loads(fields["data"])))
        self.gaps += name == "gap"
        self.last_id = fields["id"]
