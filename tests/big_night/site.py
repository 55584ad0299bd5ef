"""The centre of the big night: a real queue, a real centre that is killed, accounts, a fleet."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from uuid6 import uuid7

from tests.big_night.night import Night
from thapcanh.app.process.embedded_valkey import prepare
from thapcanh.app.process.free_port import free_port
from thapcanh.config.site import QueueConfig

PASSWORD = "mật khẩu của một đêm"
PEOPLE = {
    "an": "operator", "binh": "operator", "cuong": "operator", "dung": "operator",
    "chi-huy": "leader", **{f"dt-xe-{number}": "crew" for number in range(1, 6)},
}  # fmt: skip
_AGAIN_S, _UP_WITHIN_S = 0.3, 120.0


class Client:
    """A person's or a program's way to the centre: what a dead one did not answer is sent again."""

    def __init__(self, url: str, username: str = "", password: str = "", token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(
            base_url=f"{url}/api/v1", headers=headers, trust_env=False, timeout=60
        )
        self._login = {"username": username, "password": password}
        self.username = username
        self.put_off = Counter[int]()  # answers after which it was asked again
        if username:
            self._log_in()

    def ask(
        self, method: str, path: str, body: Any = None, version: int | None = None, **query: Any
    ) -> httpx.Response:
        """The answer of a centre that lives, whatever it says."""
        headers = {"Idempotency-Key": str(uuid7())}
        if version is not None:
            headers["If-Match"] = str(version)
        until = time.monotonic() + _UP_WITHIN_S
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = self._http.request(method, path, json=body, headers=headers, params=query)
                if answer.status_code == 401 and self.username:
                    self._log_in()
                elif answer.status_code < 500 and answer.status_code != 429:
                    return answer
                self.put_off[answer.status_code] += 1
            if time.monotonic() > until:
                raise TimeoutError(f"{method} {path}: the centre does not answer")
            time.sleep(_AGAIN_S)

    def read(self, path: str, **query: Any) -> Any:
        """What is there; raises where it is refused."""
        return self.ask("GET", path, **query).raise_for_status().json()

    def pages(self, path: str, **query: Any) -> list[Any]:
        """All items of a list."""
        found, cursor = list[Any](), dict[str, str]()
        while True:
            page = self.read(path, **query, **cursor)
            found += page["items"]
            if not page["next"]:
                return found
            cursor = {"cursor": page["next"]}

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def _log_in(self) -> None:
        answer = self._http.post("/session", json=self._login)
        if answer.status_code == 200:
            self._http.headers["X-CSRF-Token"] = answer.json()["csrf"]
        elif answer.status_code < 500 and answer.status_code != 429:
            answer.raise_for_status()


class NightSite:
    """Its folder, its processes, its people."""

    def __init__(self, folder: Path, night: Night) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.evidence = folder / "evidence"
        self._config = folder / "thapcanh.toml"
        self._config.write_text(_config(folder, self.port, night), encoding="utf-8")
        embedded = prepare(folder / "queue", folder / "run", QueueConfig())
        self.queue_url = embedded.url
        self._log = (folder / "centre.log").open("ab")
        self._queue = subprocess.Popen(embedded.arguments, stdout=self._log, stderr=self._log)
        self.is_down = threading.Event()
        self._clients = list[Client]()
        self._centre = self._started()
        self.wait_up()

    def kill_and_start(self) -> float:
        """SIGKILL, and a second later another one, as the supervisor does; seconds without one."""
        start = time.monotonic()
        self.is_down.set()
        self._centre.kill()
        self._centre.wait()
        time.sleep(1.0)
        self._centre = self._started()
        self.wait_up()
        self.is_down.clear()
        return time.monotonic() - start

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        for process in (self._centre, self._queue):
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()

    def client(self, username: str = "", token: str = "") -> Client:
        """A client of a person or of a token, open until the site stops."""
        made = Client(self.url, username, PASSWORD, token)
        self._clients.append(made)
        return made

    def hire(self, night: Night) -> dict[str, str]:
        """Make accounts, units and a token of each gateway; returns the tokens by their power."""
        admin = self.client("admin")
        lines = ["id,name,kind,lat,lon"]
        lines += [f"{one},Xe {one[3:]},{kind},{at[0]},{at[1]}" for one, kind, at in night.units]
        self._add_account(admin, "chi-huy", "leader")
        leader = self.client("chi-huy")
        leader.ask("POST", "/units/import", {"csv": "\n".join(lines)}).raise_for_status()
        for name, role in PEOPLE.items():
            if role != "leader":
                self._add_account(admin, name, role)
        return {power: self._token(power) for power in ("signal", "messages", "positions")}

    def _add_account(self, admin: Client, name: str, role: str) -> None:
        fields: dict[str, Any] = {"username": name, "name": f"Đồng chí {name}", "roles": [role]}
        fields |= {"agencies": None, "areas": None, "unit": name[3:] if role == "crew" else None}
        made = admin.ask("POST", "/accounts", fields).raise_for_status().json()
        body = {"username": name, "password": made["password"], "new_password": PASSWORD}
        httpx.post(f"{self.url}/api/v1/session", json=body, timeout=60).raise_for_status()

    def _token(self, power: str) -> str:
        command = [sys.executable, "-P", "-m", "thapcanh", "token", "add", power, "--machine"]
        command += ["--role", "viewer", "--power", power, "-c", str(self._config)]
        made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return made.partition("token: ")[2].split()[0]

    def wait_up(self) -> None:
        until = time.monotonic() + _UP_WITHIN_S
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/healthz", timeout=2.0).status_code == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"the centre did not come up: see {self.folder / 'centre.log'}")

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "thapcanh", "centre", "-c", str(self._config)],
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "THAPCANH_ADMIN_PASSWORD": PASSWORD},
        )


def _config(folder: Path, port: int, night: Night) -> str:
    lines = ["[site]", f'data_dir = "{folder}"', 'name = "Đêm lớn"', "[centre]", f"port = {port}"]
    for names, what in ((night.cameras, "cameras"), (night.panels, "devices")):
        for name, (lat, lon) in names.items():
            happening = name.rsplit("-tu-", 1)[0] if what == "devices" else name[:-2]
            has_address = happening in ("kho", "cho", "xuong", "toa-nha")
            place = night.address(happening) if has_address else "Phường"
            lines += [f"[[{what}]]", f'id = "{name}"', f'name = "{place} · {name}"']
            lines += [f"lat = {lat}", f"lon = {lon}"]
            if what == "cameras":
                lines.append(f'source = "rtsp://127.0.0.1:9/{name}"')
    return "\n".join(lines)
