"""A queue and a centre of their own, as `thapcanh run` starts them, and who logs in there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.harness.child import ChildFailed
from thapcanh.app.process.embedded_valkey import prepare
from thapcanh.app.process.free_port import free_port
from thapcanh.config.site import QueueConfig

PASSWORD = "một mật khẩu để đo"  # noqa: S105 - of a site that lives for minutes
UP_WITHIN_S = 90.0
ANSWER_WITHIN_S = 120.0
LOG_IN_TRIES, LOG_IN_AGAIN_S = 10, 2.0  # a busy machine is slow to check its first password
API = "/api/v1"


class Busy(ChildFailed):
    """The centre has too much to do, and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a browser holds after logging in."""

    cookie: str
    csrf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSite:
    """The addresses and processes of the site."""

    folder: Path
    port: int
    queue_url: str
    queue_pid: int
    centre_pid: int

    @property
    def archive(self) -> Path:
        """The archive's file."""
        return self.folder / "archive.sqlite"

    def log_in(self, username: str = "admin") -> Session:
        """A new session, of the first account if no other is named."""
        body = {"username": username, "password": PASSWORD}
        for _ in range(LOG_IN_TRIES - 1):
            try:
                return self._logged_in(body)
            except Busy:
                time.sleep(LOG_IN_AGAIN_S)
        return self._logged_in(body)

    def _logged_in(self, body: dict[str, str]) -> Session:
        headers, said = self._ask("POST", "/session", body, {})
        cookie = headers["Set-Cookie"].partition(";")[0]
        return Session(cookie=cookie, csrf=said["csrf"])

    def alerts(self, session: Session) -> list[dict[str, Any]]:
        """The newest alerts."""
        _, said = self._ask("GET", "/alerts?limit=100", None, {"Cookie": session.cookie})
        items: list[dict[str, Any]] = said["items"]
        return items

    def acknowledge(self, session: Session, alert: dict[str, Any]) -> None:
        """Take an alert."""
        headers = {
            **_known(session),
            "Idempotency-Key": f"{alert['id']}-{alert['version']}",
            "If-Match": str(alert["version"]),
        }
        self._ask("POST", f"/alerts/{alert['id']}/acknowledge", {}, headers)

    def close_all(self, session: Session, versions: Mapping[str, int]) -> None:
        """Find these alerts, at the versions that were seen, to be nothing; raises if one stays."""
        commands = [
            {"alert": alert, "version": version, "key": f"{alert}-{version}",
             "actions": ["acknowledge", "reject", "close"]}
            for alert, version in versions.items()
        ]  # fmt: skip
        body = {"commands": commands, "reason": "steam"}
        _, said = self._ask("POST", "/alerts/commands", body, _known(session))
        if errors := {one["error"] for one in said["results"]} - {None}:
            raise ChildFailed(f"alerts were not closed: {errors}")

    def add_operator(self, session: Session, username: str) -> None:
        """An account of a duty officer who sees everything."""
        fields = {"username": username, "name": username, "roles": ["operator"],
                  "agencies": None, "areas": None}  # fmt: skip
        _, said = self._ask("POST", "/accounts", fields, _known(session))
        self._logged_in(
            {"username": username, "password": said["password"], "new_password": PASSWORD}
        )

    def _ask(
        self, method: str, path: str, body: object, headers: dict[str, str]
    ) -> tuple[Message, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN_S)
        try:
            text = None if body is None else json.dumps(body)
            sent = {"Content-Type": "application/json", **headers}
            connection.request(method, API + path, text, sent)
            answer = connection.getresponse()
            said = json.loads(answer.read() or b"null")
            if answer.status == 503:
                raise Busy(f"{method} {path}: {said}")
            if answer.status >= 400:
                raise ChildFailed(f"{method} {path}: {answer.status} {said}")
            return answer.headers, said
        finally:
            connection.close()


def _known(session: Session) -> dict[str, str]:
    return {"Cookie": session.cookie, "X-CSRF-Token": session.csrf}


def camera_text(camera_id: str, source: str = "rtsp://127.0.0.1:9/none") -> str:
    """A camera's part of the configuration."""
    return f'[[cameras]]\nid = "{camera_id}"\nname = "{camera_id}"\nsource = "{source}"\n'


@contextmanager
def pipeline_site(folder: Path, cameras: Iterable[str] = ()) -> Iterator[PipelineSite]:
    """Both run until the block ends; the folder keeps their data.

    Events of cameras that are not named here are refused.
    """
    port = free_port()
    config = folder / "thapcanh.toml"
    text = f'[site]\ndata_dir = "{folder}"\n[centre]\nport = {port}\n'
    config.write_text(text + "".join(map(camera_text, cameras)), encoding="utf-8")
    with running_site(folder, config, port) as site:
        yield site


@contextmanager
def running_site(folder: Path, config: Path, port: int) -> Iterator[PipelineSite]:
    """Queue and centre of a configuration that is written already."""
    embedded = prepare(folder / "queue", folder / "run", QueueConfig())
    queue = subprocess.Popen(embedded.arguments)
    with (folder / "centre.log").open("ab") as log:
        centre = subprocess.Popen(
            [sys.executable, "-m", "thapcanh", "centre", "-c", str(config)],
            stdout=log,
            stderr=log,
            env={**os.environ, "THAPCANH_ADMIN_PASSWORD": PASSWORD},
        )
        try:
            _wait_until_up(centre, port, folder / "centre.log")
            yield PipelineSite(
                folder=folder,
                port=port,
                queue_url=embedded.url,
                queue_pid=queue.pid,
                centre_pid=centre.pid,
            )
        finally:
            for process in (centre, queue):
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait_until_up(centre: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline and centre.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise ChildFailed(f"the centre did not come up: {log.read_text(encoding='utf-8')[-1500:]}")
