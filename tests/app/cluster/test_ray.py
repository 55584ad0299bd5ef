"""A real Ray: a head and two nodes on this machine; one dies, the other is handed its cameras.

No worker runs here: what a worker follows is its share's file, and that is looked at.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.alerts.conftest import QueueServer, queue_binaries
from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.app.cluster.engine import end_leftovers, temp_dir
from thapcanh.app.cluster.machine_facts import (
    NodeFacts,
    make_token,
    read_token,
    share_path,
    write_facts,
)
from thapcanh.app.process.free_port import free_port
from thapcanh.app.registry.site import open_site
from thapcanh.app.site.site_file import load_worker_site
from thapcanh.app.worker.camera_share import AssignedShare, read_share
from thapcanh.config.credentials import KEY_FILE_VARIABLE, CameraCredentials, Credential, new_key
from thapcanh.ingest.child_process import plain_environment

CAMERAS = {f"cam-{number}" for number in range(6)}
ARCHIVE_PASSWORD = "archive-s3cret"
WITHIN_S = 180.0  # Ray's processes start in 10 s on a quiet machine

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed: thapcanh[cluster]"
)


def login(camera: str) -> str:
    """The password of a camera."""
    return f"s3cret-of-{camera}"


class Machine:
    """One member of the cluster, with a data folder of its own."""

    def __init__(self, folder: Path, queue_url: str, head: str) -> None:
        """The head has the cameras, their logins and the archive; nodes are handed their own."""
        folder.mkdir()
        self.folder = folder
        self.cluster_dir = folder / "data" / "run" / "cluster"
        self.log = folder / "log.txt"
        self.config = folder / "thapcanh.toml"
        self._environment = plain_environment(os.environ)
        lines = [
            f'[site]\ndata_dir = "{folder / "data"}"',
            f'[queue]\nurl = "{queue_url}"',
            f'[cluster]\nhead = "{head}"\ntoken_file = "{folder.parent / "token"}"',
        ]
        if folder.name == "head":
            lines += self._cameras()
        else:
            lines.append('[registry]\nsource = "fleet"')
        self.config.write_text("\n".join(lines), encoding="utf-8")
        self._processes: list[subprocess.Popen[bytes]] = []

    def _cameras(self) -> list[str]:
        key = self.folder / "key"
        key.write_text(new_key(), encoding="ascii")
        self._environment[KEY_FILE_VARIABLE] = str(key)
        credentials = CameraCredentials(self.config, self._environment)
        for one in CAMERAS:
            credentials.set(one, Credential(username="watch", password=login(one)))
        (self.folder / "archive").write_text(ARCHIVE_PASSWORD, encoding="ascii")
        url = f"postgresql://watch:${{file:{self.folder / 'archive'}}}@10.0.0.9/archive"
        return [
            f'[archive]\nurl = "{url}"',
            *(
                f'[[cameras]]\nid = "{one}"\nname = "{one}"\narea = "tay-ho"\n'
                f'source = "rtsp://${{credential:{one}}}@127.0.0.1:1/{one}"'
                for one in sorted(CAMERAS)
            ),
            '[[areas]]\nid = "tay-ho"\nname = "Tây Hồ"',
        ]

    def start(self, *words: str) -> None:
        with self.log.open("ab") as output:
            command = [sys.executable, "-P", "-m", "thapcanh", "cluster", *words]
            self._processes.append(
                subprocess.Popen(
                    [*command, "-c", str(self.config)],
                    env=self._environment,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def share(self, worker: str) -> frozenset[str]:
        try:
            return read_share(share_path(self.cluster_dir, worker)).cameras
        except OSError:
            return frozenset()

    def known(self) -> bytes:
        """All that lies on this machine, and all that its processes were told."""
        places = [self.folder, temp_dir(self.cluster_dir)]
        files = [path for place in places for path in place.rglob("*") if path.is_file()]
        for process in _marked(f"THAPCANH_CLUSTER_DIR={self.cluster_dir}".encode()):
            files += [process / "environ", process / "cmdline"]
        return b"\n".join(_content(path) for path in files)

    def kill(self) -> None:
        for process in self._processes:
            process.kill()
        end_leftovers(str(self.cluster_dir))
        for process in self._processes:
            process.wait()


class Listener:
    """Who listens on the machines' network: which of the words went by, in whatever packet."""

    def __init__(self, words: Iterable[str]) -> None:
        """Raise `PermissionError` where this account may not listen."""
        self._missing = {word.encode() for word in words}
        self.heard: set[str] = set()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
        self._socket.bind(("lo", 0))
        self._socket.settimeout(0.2)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                packet = self._socket.recv(1 << 17)
                found = {word for word in self._missing if word in packet}
                self._missing -= found
                self.heard |= {word.decode() for word in found}

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Callable[[], set[str]]]:
    """The cameras' names and logins, and the cluster's token, as far as they went by in clear."""
    make_token(tmp_path / "token")
    token = read_token(tmp_path / "token")
    try:
        listener = Listener([*CAMERAS, *(login(one) for one in CAMERAS), token])
    except PermissionError:
        pytest.skip("listening on the network needs CAP_NET_RAW")
    try:
        yield lambda: listener.heard
    finally:
        listener.stop()


@pytest.fixture
def machines(
    tmp_path: Path, heard: Callable[[], set[str]]
) -> Iterator[tuple[dict[str, Machine], FleetStore]]:
    server = QueueServer(sorted(queue_binaries().items())[0][1], tmp_path / "queue")
    server.start()
    head = f"127.0.0.1:{free_port()}"
    members = {name: Machine(tmp_path / name, server.url, head) for name in ("head", "a", "b")}
    store = FleetStore(server.url)
    try:
        members["head"].start("ray", "--address", "127.0.0.1")
        members["head"].start("fleet")
        for name in ("a", "b"):
            facts = NodeFacts(
                node=name, address="127.0.0.1", workers=1, cameras=6, takes_tables=True
            )
            write_facts(members[name].cluster_dir, facts)
        yield members, store
    finally:
        store.close()
        for one in members.values():
            one.kill()
            shutil.rmtree(temp_dir(one.cluster_dir).parent, ignore_errors=True)
        with suppress(OSError):
            server.stop()


def test_a_node_that_dies_leaves_its_cameras_to_the_other(
    machines: tuple[dict[str, Machine], FleetStore],
    wait_for: Callable[..., None],
    heard: Callable[[], set[str]],
) -> None:
    members, store = machines
    a, b = members["a"], members["b"]
    wait_for(lambda: store.head() is not None or _alive(members["head"]), WITHIN_S)
    for name in ("a", "b"):
        members[name].start("ray", "--address", "127.0.0.1", "--node", name)
    wait_for(lambda: a.share("a-0") | b.share("b-0") == CAMERAS and a.share("a-0"), WITHIN_S)
    wait_for(lambda: not a.share("a-0") & b.share("b-0"), WITHIN_S)
    _knows_its_own_alone(a, "a-0")
    a.kill()
    wait_for(lambda: b.share("b-0") == CAMERAS, WITHIN_S)
    document = store.plan()
    assert document is not None
    assert set(document["owners"]) == {"b-0"}
    assert heard() == CAMERAS, "their names alone go by in clear"


def _knows_its_own_alone(node: Machine, worker: str) -> None:
    """A stolen node gives its own cameras' logins away, not others' nor the archive's."""
    share = AssignedShare(share_path(node.cluster_dir, worker))
    mine = node.share(worker)
    opened = open_site(node.config, worker, None, load_worker_site, share)
    site = opened.loaded.site_or_raise()
    assert {one.id: one.source.reveal() for one in site.cameras} == {
        one: f"rtsp://watch:{login(one)}@127.0.0.1:1/{one}" for one in mine
    }
    assert [area.id for area in site.areas] == ["tay-ho"]
    known = node.known()
    assert b"RAY_AUTH_TOKEN_PATH" in known, "no process of the node was looked at"
    assert all(login(one).encode() in known for one in mine)
    for secret in (ARCHIVE_PASSWORD, *(login(one) for one in CAMERAS - mine)):
        assert secret.encode() not in known
    assert share_path(node.cluster_dir, worker).stat().st_mode & 0o077 == 0


def _marked(mark: bytes) -> Iterator[Path]:
    for process in Path("/proc").glob("[0-9]*"):
        if mark in _content(process / "environ").split(b"\0"):
            yield process


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # it went meanwhile


def _alive(machine: Machine) -> bool:
    """Fail at once, with its log, where the head has ended."""
    assert all(one.poll() is None for one in machine._processes), machine.log.read_text()
    return False
