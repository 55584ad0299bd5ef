"""The real thing under test: `thapcanh run` in a folder of its own, and an officer at it.

`start_site` writes a configuration, starts the site as a user would, and at the end stops it with
Ctrl-C and sees that no process is left.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import pytest

from tests.end_to_end.secrets_told import Secrets
from tests.patience import PATIENCE_S, patient
from thapcanh.app.process.free_port import free_port

PASSWORD = "mật-khẩu-chạy-thử-1"
CAMERA_LOGIN = "viewer:bí-mật-camera"
SECRETS = Secrets(PASSWORD, CAMERA_LOGIN, CAMERA_LOGIN.partition(":")[2])
START_WITHIN_S = 60.0


def eventually(check: Callable[[], Any], within_s: float, what: str) -> Any:
    """The first true answer of `check`, or a failure that says what did not come."""
    deadline = time.monotonic() + patient(within_s)
    last: object = None
    while time.monotonic() < deadline:
        try:
            answer = check()
        except (httpx.HTTPError, AssertionError) as error:
            answer, last = None, error
        if answer:
            return answer
        time.sleep(0.1)
    pytest.fail(f"not within {within_s:.0f} s: {what} (last: {last})")


class Desk:
    """One officer's session with the API, as a browser has it."""

    def __init__(
        self,
        url: str,
        username: str = "admin",
        password: str = PASSWORD,
        http: httpx.Client | None = None,
    ) -> None:
        """`http` asks where that takes more than the address, e.g. a certificate."""
        hooks = {"response": [SECRETS.look_at_answer]}
        self.http = http or httpx.Client(base_url=url, timeout=PATIENCE_S, event_hooks=hooks)
        reply = self.http.post("/api/v1/session", json={"username": username, "password": password})
        reply.raise_for_status()
        self.http.headers["X-CSRF-Token"] = reply.json()["csrf"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def alerts(self, **query: str) -> list[dict[str, Any]]:
        reply = self.http.get("/api/v1/alerts", params=query)
        reply.raise_for_status()
        items: list[dict[str, Any]] = reply.json()["items"]
        return items

    def act(self, alert: dict[str, Any], action: str, **body: str) -> httpx.Response:
        return self.http.post(
            f"/api/v1/alerts/{alert['id']}/{action}",
            json=body,
            headers={
                "Idempotency-Key": f"{alert['id']}-{action}-{alert['version']}",
                "If-Match": str(alert["version"]),
            },
        )

    def camera(self, camera_id: str) -> dict[str, Any]:
        items = self.http.get("/api/v1/cameras").json()["items"]
        return next(item for item in items if item["id"] == camera_id)


@dataclass(slots=True)
class RunningSite:
    """A `thapcanh run` under test."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    family: set[int] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def desk(self) -> Desk:
        return Desk(self.url)

    def children(self, word: str) -> list[psutil.Process]:
        """Live processes of this site whose command line holds `word`."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            self.family.add(child.pid)
            with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
                if any(word in part for part in child.cmdline()):
                    found.append(child)
        return found

    def is_up(self) -> bool:
        if self.process.poll() is not None:
            pytest.fail(f"the site ended:\n{self.log.read_text(encoding='utf-8')}")
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2.0).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Ctrl-C, then see that nothing is left."""
        if self.process.poll() is None:
            self.children("")
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE_S)
        alive = [pid for pid in self.family if _lives(pid)]
        assert alive == [], f"left running: {alive}"


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def start_site(
    folder: Path, cameras: dict[str, str], extra: str = "", *, python: Path = Path(sys.executable)
) -> Iterator[RunningSite]:
    """Write a configuration, start the site in its folder, wait for it; stop it at the end."""
    port = free_port()
    lines = ["[site]", f'cache_dir = "{model_cache()}"', "[centre]", f"port = {port}", extra]
    for camera_id, source in cameras.items():
        lines += ["[[cameras]]", f'id = "{camera_id}"', f'name = "Camera {camera_id}"',
                  f'source = "{source}"', "lat = 21.03", "lon = 105.85"]  # fmt: skip
    (folder / "thapcanh.toml").write_text("\n".join(lines), encoding="utf-8")
    with start_configured(folder, port, python=python) as site:
        yield site


@contextmanager
def start_configured(
    folder: Path, port: int, *, python: Path = Path(sys.executable)
) -> Iterator[RunningSite]:
    """Start the site of a folder that holds its configuration; stop it at the end."""
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python, "-m", "thapcanh", "run", "-c", str(folder / "thapcanh.toml")],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "THAPCANH_ADMIN_PASSWORD": PASSWORD},
            start_new_session=True,
        )
    site = RunningSite(folder=folder, port=port, process=process, log=log)
    try:
        eventually(site.is_up, START_WITHIN_S, "the site answers")
        yield site
        site.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def model_cache() -> Path:
    """The export is made once for all tests of this machine; it is keyed by the weights."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "thapcanh"
