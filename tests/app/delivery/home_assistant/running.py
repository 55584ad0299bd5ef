"""A Home Assistant of its own folder, with a login, joined to one MQTT broker.

`hass` is looked for on the PATH; CONTRIBUTING says how to install it. Its first start fetches the
parts of Home Assistant that it needs from PyPI into its own environment.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.app.delivery.test_mqtt import Broker
from tests.end_to_end.running_site import eventually
from tests.patience import PATIENCE_S
from thapcanh.app.process.free_port import free_port

HASS = shutil.which("hass")
_STARTED_WITHIN_S = 300.0  # the first start installs
_CLIENT = "http://127.0.0.1/"


class HomeAssistant:
    """A started one, as its web API shows it."""

    def __init__(self, port: int) -> None:
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE_S
        )

    def close(self) -> None:
        self._http.close()

    def is_up(self) -> bool:
        return self._http.get("/api/onboarding").status_code == 200

    def log_in(self) -> None:
        """Make the owner's account, as a person does on the first page."""
        owner = {"name": "An", "username": "an", "password": "an-and-nobody-else"}
        owner |= {"client_id": _CLIENT, "language": "vi"}
        code = self._http.post("/api/onboarding/users", json=owner).raise_for_status().json()
        grant = {"grant_type": "authorization_code", "code": code["auth_code"]}
        token = self._http.post("/auth/token", data=grant | {"client_id": _CLIENT})
        self._http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def version(self) -> str:
        found: str = self._http.get("/api/config").raise_for_status().json()["version"]
        return found

    def alarm_sensors(self) -> dict[str, dict[str, Any]]:
        """States of the sensors of safety by the names that people see."""
        states = self._http.get("/api/states").raise_for_status().json()
        return {
            one["attributes"]["friendly_name"]: one
            for one in states
            if one["attributes"].get("device_class") == "safety"
        }


@contextmanager
def running_home_assistant(folder: Path, broker: Broker) -> Iterator[HomeAssistant]:
    """Start it, log in, and end it."""
    port = free_port()
    (folder / ".storage").mkdir(parents=True)
    (folder / ".storage" / "core.config_entries").write_text(json.dumps(_joined(broker)))
    (folder / "configuration.yaml").write_text(
        f"http:\n  server_host: 127.0.0.1\n  server_port: {port}\napi:\n"
    )
    program = str(HASS)
    path = f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}"  # where it finds its own uv
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with (folder / "hass.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "--config", str(folder)], env=environment | {"PATH": path},
            stdout=log, stderr=log, cwd=folder,
        )  # fmt: skip
        found = HomeAssistant(port)
        try:
            eventually(found.is_up, _STARTED_WITHIN_S, f"Home Assistant; see {folder}/hass.log")
            found.log_in()
            yield found
        finally:
            found.close()
            process.terminate()
            process.wait(PATIENCE_S)


def _joined(broker: Broker) -> dict[str, Any]:
    """The file in which Home Assistant keeps that it was joined to a broker."""
    reached = {"broker": "127.0.0.1", "port": broker.port, "discovery": True}
    login = {"username": "centre", "password": "right-password"}
    entry = {
        "entry_id": "01", "version": 1, "minor_version": 1, "domain": "mqtt", "title": "broker",
        "data": reached | login, "options": {}, "source": "user", "unique_id": None,
        "pref_disable_new_entities": False, "pref_disable_polling": False, "disabled_by": None,
    }  # fmt: skip
    facts = {"version": 1, "minor_version": 1, "key": "core.config_entries"}
    return facts | {"data": {"entries": [entry]}}
