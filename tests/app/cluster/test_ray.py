"""A real Ray: a head and two nodes on this machine; one dies, the other is handed its cameras.

No worker runs here: what a worker follows is its share's file, and that is looked at.
"""

import importlib.util
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from alerts.fleet.store import FleetStore
from app.cluster.engine import end_leftovers, temp_dir
from app.cluster.head_record import make_token
from app.cluster.node_facts import NodeFacts, share_path, write_facts
from app.worker.assigned_share import read_share
from tests.alerts.conftest import QueueServer, queue_binaries

CAMERAS = {f"cam-{number}" for number in range(6)}
WITHIN_S = 180.0  # Ray's processes start in 10 s on a quiet machine

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed: thapcanh[cluster]"
)


class Machine:
    """One member of the cluster, with a data folder of its own."""

    def __init__(self, folder: Path, queue_url: str, head: str) -> None:
        folder.mkdir()
        self.cluster_dir = folder / "data" / "run" / "cluster"
        self.log = folder / "log.txt"
        self._config = folder / "thapcanh.toml"
        cameras = [
            f'[[cameras]]\nid = "{one}"\nname = "{one}"\nsource = "rtsp://127.0.0.1:1/{one}"'
            for one in sorted(CAMERAS)
        ]
        lines = [
            f'[site]\ndata_dir = "{folder / "data"}"',
            f'[queue]\nurl = "{queue_url}"',
            f'[cluster]\nhead = "{head}"\ntoken_file = "{folder.parent / "token"}"',
            *cameras,
        ]
        self._config.write_text("\n".join(lines), encoding="utf-8")
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str) -> None:
        with self.log.open("ab") as output:
            command = [sys.executable, "-P", "-m", "app", "cluster", *words]
            self._processes.append(
                subprocess.Popen(
                    [*command, "-c", str(self._config)],
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

    def kill(self) -> None:
        for process in self._processes:
            process.kill()
        end_leftovers(str(self.cluster_dir))
        for process in self._processes:
            process.wait()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[dict[str, Machine], FleetStore]]:
    server = QueueServer(sorted(queue_binaries().items())[0][1], tmp_path / "queue")
    server.start()
    make_token(tmp_path / "token")
    head = f"127.0.0.1:{_free_port()}"
    members = {name: Machine(tmp_path / name, server.url, head) for name in ("head", "a", "b")}
    store = FleetStore(server.url)
    try:
        members["head"].start("ray", "--address", "127.0.0.1")
        members["head"].start("fleet")
        for name in ("a", "b"):
            facts = NodeFacts(node=name, address="127.0.0.1", workers=1, cameras=6)
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
    machines: tuple[dict[str, Machine], FleetStore], wait_for: Callable[..., None]
) -> None:
    members, store = machines
    a, b = members["a"], members["b"]
    wait_for(lambda: store.head() is not None or _alive(members["head"]), WITHIN_S)
    for name in ("a", "b"):
        members[name].start("ray", "--address", "127.0.0.1", "--node", name)
    wait_for(lambda: a.share("a-0") | b.share("b-0") == CAMERAS and a.share("a-0"), WITHIN_S)
    wait_for(lambda: not a.share("a-0") & b.share("b-0"), WITHIN_S)
    a.kill()
    wait_for(lambda: b.share("b-0") == CAMERAS, WITHIN_S)
    document = store.plan()
    assert document is not None
    assert set(document["owners"]) == {"b-0"}


def _alive(machine: Machine) -> bool:
    """Fail at once, with its log, where the head has ended."""
    assert all(one.poll() is None for one in machine._processes), machine.log.read_text()
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
