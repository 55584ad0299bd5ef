"""The compose file as it is started on a server: all of it, with real containers.

Left out where there is no Docker, or its images are not there: build `thapcanh` from this tree
first (docs/servers.md). It uses the machine's own network, and leaves out itself where another
site has the ports.
"""

import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.end_to_end.running_site import Desk, eventually
from tests.patience import PATIENCE_S
from tests.reference_clips import reference_clip
from tests.running_simulator import running_simulator

DEPLOY = Path(__file__).parents[2] / "deploy"
PORTS = (80, 443, 5432, 6379, 6380, 8080)
NAME = "trucban.example"
WORKERS = ("worker-0", "worker-1")
PASSWORDS = ("queue_password", "archive_password")


class Compose:
    """`docker compose` on a copy of the folder `deploy`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, within_s: float = 120.0) -> str:
        told = {"THAPCANH_VERSION": metadata.version("thapcanh"), **os.environ}
        done = subprocess.run(
            ["docker", "compose", "-p", "thapcanh-test", *words],
            cwd=self.folder, env=told, timeout=within_s,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"docker compose {words[0]}: {done.stderr[-3000:]}"
        return done.stdout

    def containers(self) -> dict[str, dict[str, Any]]:
        """What Docker says of each, by the service's name."""
        ids = self("ps", "-aq").split()
        told = subprocess.run(
            ["docker", "inspect", *ids], capture_output=True, text=True, timeout=60, check=True
        )
        service = "com.docker.compose.service"
        return {one["Config"]["Labels"][service]: one for one in json.loads(told.stdout)}


def what_is_missing() -> str | None:
    """Why the site cannot be started here."""
    if shutil.which("docker") is None:
        return "no Docker on this machine"
    if os.geteuid() != 0:
        return "secrets are given their owners' numbers, which only root may"
    for words in (["docker", "info"], ["docker", "compose", "version"]):
        if subprocess.run(words, capture_output=True, timeout=60, check=False).returncode != 0:
            return f"`{' '.join(words)}` fails"
    for image in sorted(images()):
        words = ["docker", "image", "inspect", image]
        if subprocess.run(words, capture_output=True, timeout=60, check=False).returncode != 0:
            return f"no image {image} on this machine"
    taken = [port for port in PORTS if is_taken(port)]
    return f"ports {taken} are others'" if taken else None


def images() -> set[str]:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    version = os.environ.get("THAPCANH_VERSION", metadata.version("thapcanh"))
    return {re.sub(r"\$\{[^}]*\}", version, service["image"]) for service in services.values()}


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """All services, healthy; one camera of two burns."""
    missing = what_is_missing()
    if missing is not None:
        pytest.skip(f"the compose file is not started: {missing}")
    folder = tmp_path_factory.mktemp("compose") / "deploy"
    shutil.copytree(DEPLOY, folder)
    prepare(folder)
    clips = [f"{name}={reference_clip(tmp_path_factory, name)}" for name in ("fire", "quiet")]
    compose = Compose(folder)
    with running_simulator(clips) as simulator:
        config = folder / "site" / "thapcanh.toml"
        text = config.read_text(encoding="utf-8").partition("[[cameras]]")[0]
        for camera in ("fire", "quiet"):
            text += f'[[cameras]]\nid = "{camera}"\nname = "{camera}"\nlat = 21.03\nlon = 105.85\n'
            text += f'source = "{simulator.url(camera)}"\n'
        config.write_text(text, encoding="utf-8")
        config.chmod(0o644)
        try:
            compose("up", "-d", "--no-build", "--wait", "--wait-timeout", "300", within_s=400)
            yield compose
        except BaseException:
            with suppress(AssertionError, subprocess.SubprocessError):
                print(compose("logs", "--tail", "20"))  # noqa: T201 for whoever reads the failure
            raise
        finally:
            compose("down", "-v", "--timeout", "60", within_s=300)


def prepare(folder: Path) -> None:
    """Secrets and a certificate, as docs/servers.md says."""
    for name in ("secrets", "tls"):
        (folder / name).mkdir(mode=0o700)
    for name in PASSWORDS:
        given(folder / "secrets" / name, secrets.token_hex(24), 990, 990)
    password = (folder / "secrets" / "queue_password").read_text(encoding="ascii")
    lines = f"requirepass {password}\nmasterauth {password}\n"
    given(folder / "secrets" / "queue-password.conf", lines, 999, 1000)
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", f"/CN={NAME}", "-addext", "subjectAltName=IP:127.0.0.1"]
    words += ["-keyout", "tls/key.pem", "-out", "tls/fullchain.pem"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=60)


def given(path: Path, text: str, user: int, group: int) -> None:
    path.write_text(text, encoding="ascii")
    os.chown(path, user, group)
    path.chmod(0o400)


@pytest.fixture(scope="module")
def desk(site: Compose) -> Iterator[Desk]:
    """An officer, through the proxy and TLS, with the password that the centre printed once."""
    found = re.search(r"login: (\S+) +(\S+)", site("logs", "--no-log-prefix", "centre"))
    assert found is not None
    address = "https://127.0.0.1"
    trusted = ssl.create_default_context(cafile=str(site.folder / "tls" / "fullchain.pem"))
    client = httpx.Client(
        base_url=address, verify=trusted, timeout=PATIENCE_S, headers={"Host": NAME}
    )
    with Desk(address, found[1], found[2], client) as officer:
        yield officer


def test_a_fire_before_a_camera_is_an_alert_at_the_desk(desk: Desk) -> None:
    (alert,) = eventually(lambda: desk.alerts(camera="fire"), 60.0, "an alert of the fire")
    assert alert["priority"] == 1
    assert alert["kind"] in ("fire", "smoke")
    picture = desk.http.get(alert["snapshot"])
    assert picture.content[:3] == b"\xff\xd8\xff"
    assert desk.alerts(camera="quiet") == []


def test_every_container_is_well_and_is_told_no_secret(site: Compose) -> None:
    found = site.containers()
    assert {name: one["State"]["Health"]["Status"] for name, one in found.items()} == dict.fromkeys(
        ("queue", "queue-replica", "archive", "centre", *WORKERS, "proxy"), "healthy"
    )
    told = json.dumps(list(found.values())) + site("logs")
    for name in PASSWORDS:
        assert (site.folder / "secrets" / name).read_text(encoding="ascii") not in told


def test_workers_that_are_killed_come_back_and_watch(site: Compose, desk: Desk) -> None:
    def is_ready() -> bool:
        return desk.http.get("/readyz").status_code == httpx.codes.OK

    eventually(is_ready, 60.0, "both cameras watched")
    for worker in WORKERS:
        site("exec", "-T", worker, "sh", "-c", "kill -KILL -1 || true")

    def are_back() -> bool:
        found = site.containers()
        return all(
            found[worker]["RestartCount"] >= 1
            and found[worker]["State"]["Health"]["Status"] == "healthy"
            for worker in WORKERS
        )

    eventually(are_back, 120.0, "both workers restarted and healthy")
    eventually(is_ready, 60.0, "both cameras watched again")
