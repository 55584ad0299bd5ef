"""`thapcanh cluster` misused: each refusal is one line with the way out, and changes nothing."""

import importlib.util
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.alerts.conftest import QueueServer, queue_binaries
from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.app.cli.main import main
from thapcanh.app.cluster.machine_facts import NodeFacts, make_token, proof, read_token, versions
from thapcanh.app.cluster.plan import FleetPlan, to_document
from thapcanh.app.process import exit_codes

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed: thapcanh[cluster]"
)
HERE = "127.0.0.1"


class Cluster:
    """A configuration, a queue, and what a head would have left there."""

    def __init__(self, folder: Path, queue_url: str) -> None:
        self.config = folder / "thapcanh.toml"
        self.token = folder / "cluster.token"
        self.store = FleetStore(queue_url)
        make_token(self.token)
        self.config.write_text(
            f'[site]\ndata_dir = "{folder / "data"}"\n[queue]\nurl = "{queue_url}"\n'
            f'[cluster]\nhead = "10.0.0.1"\ntoken_file = "{self.token}"\n',
            encoding="utf-8",
        )

    def serve(self, **other: Any) -> None:
        """As a head does."""
        facts = {
            "head": "10.0.0.1:6380",
            "versions": versions(),
            "nonce": "n",
            "proof": proof(read_token(self.token), "n"),
            **other,
        }
        self.store.publish_head(facts, 600.0)

    def plan(self, **nodes: NodeFacts) -> None:
        """A plan by which the first node has one camera."""
        owner = next(iter(nodes.values())).worker_ids()[0]
        described = {
            name: {"address": one.address, "workers": 1, "lives": True, "draining": False}
            for name, one in nodes.items()
        }
        plan = to_document(FleetPlan(epoch=3, owners={"gate": owner}))
        self.store.store_plan({**plan, "nodes": described, "at": time.time()}, after_epoch=0)

    def run(self, *words: str) -> int:
        return main(["cluster", *words, "-c", str(self.config)])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueueServer]:
    (binary, *_) = queue_binaries().values()
    server = QueueServer(binary, tmp_path_factory.mktemp("cluster") / "queue")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def cluster(tmp_path: Path, server: QueueServer) -> Iterator[Cluster]:
    with redis.Redis.from_url(server.url) as client:
        client.flushdb()
    cluster = Cluster(tmp_path, server.url)
    with closing(cluster.store):
        yield cluster


def _node(name: str, address: str = "10.0.0.9") -> NodeFacts:
    return NodeFacts(node=name, address=address, workers=1, cameras=10)


@needs_ray
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("join",), "--node NAME and --address"),
        (("join", "--node", "a"), "--node NAME and --address"),
        (("join", "--node", "../a", "--address", HERE), "--node ../a"),
        (("join", "--node", "A b", "--address", HERE), "--node A b"),
        (("join", "--node", "a" * 49, "--address", HERE), "up to 48"),
        (("join", "--node", "a", "--address", "head.example"), "is not an IP address"),
        (("join", "--node", "a", "--address", "192.0.2.1"), "not an address of this machine"),
        (("join", "--node", "a", "--address", HERE, "--gpu"), "no GPU can be used here"),
        (("join", "--node", "taken", "--address", HERE), "is that of 10.0.0.9"),
        (("join", "--node", "a", "--address", HERE, "--workers", "-1"), "numbers from 1"),
    ],
)
def test_a_join_that_cannot_be_is_refused_in_one_line(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    cluster.serve()
    cluster.plan(taken=_node("taken"))
    before = cluster.store.plan()
    assert cluster.run(*words) != exit_codes.OK
    told = capsys.readouterr().err.strip()
    assert said in told
    assert "\n" not in told
    assert cluster.store.plan() == before


@needs_ray
def test_a_join_is_refused_without_a_head_and_by_one_of_another_version(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cluster.run("join", "--node", "a", "--address", HERE) == exit_codes.FAILED
    assert "no head serves on this queue" in capsys.readouterr().err
    cluster.serve(versions={**versions(), "thapcanh": "99.0"}, proof=proof("k" * 40, "n"))
    assert cluster.run("join", "--node", "a", "--address", HERE) == exit_codes.FAILED
    told = capsys.readouterr().err
    assert "99.0 on the head" in told
    assert "the token is not the cluster's" in told
    assert read_token(cluster.token) not in told


@needs_ray
@pytest.mark.parametrize("action", ["head", "join"])
def test_a_site_that_is_no_cluster_says_what_to_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    config = tmp_path / "thapcanh.toml"
    words = ["cluster", action, "--node", "a", "--address", HERE, "-c", str(config)]
    config.write_text("[site]", encoding="utf-8")
    assert main(words) == exit_codes.FAILED
    assert "set [cluster] head" in capsys.readouterr().err
    config.write_text('[cluster]\nhead = "10.0.0.1"', encoding="utf-8")
    assert main(words) == exit_codes.FAILED
    assert "needs a [queue] url" in capsys.readouterr().err
    text = '[cluster]\nhead = "10.0.0.1"\n[queue]\nurl = "redis://127.0.0.1:1/0"'
    config.write_text(text, encoding="utf-8")
    assert main(words) == exit_codes.FAILED
    assert "token_file is not set" in capsys.readouterr().err


def test_a_head_whose_secrets_are_variables_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Fleet died at each start, a second after the head said nothing of it."""
    monkeypatch.setenv("QUEUE_PASSWORD", "hush")
    make_token(tmp_path / "token")
    config = tmp_path / "thapcanh.toml"
    config.write_text(
        f'[cluster]\nhead = "10.0.0.1"\ntoken_file = "{tmp_path / "token"}"\n'
        '[queue]\nurl = "redis://:${env:QUEUE_PASSWORD}@127.0.0.1:1/0"\n',
        encoding="utf-8",
    )
    assert main(["cluster", "head", "-c", str(config)]) == exit_codes.FAILED
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert "queue.url" in said
    assert "QUEUE_PASSWORD" in said
    assert "write ${file:…}" in said
    assert "hush" not in said


def test_the_last_node_is_not_drained_nor_one_that_nobody_knows(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.plan(a=_node("a"))
    assert cluster.run("drain") == exit_codes.MISUSED
    assert cluster.run("drain", "b") == exit_codes.FAILED
    assert cluster.run("drain", "a") == exit_codes.FAILED
    cluster.serve()
    assert cluster.run("drain", "a") == exit_codes.FAILED
    said = capsys.readouterr().err
    for words in ("drain which node?", "no node b; there are: a", "no head serves", "last node"):
        assert words in said
    assert cluster.store.draining() == frozenset()


def test_a_drain_that_does_not_end_in_time_says_what_is_left(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.serve()
    cluster.plan(a=_node("a"), b=_node("b"))
    assert cluster.run("drain", "a", "--within", "0") == exit_codes.FAILED
    assert "still watches" in capsys.readouterr().err
    assert cluster.store.draining() == {"a"}
    assert cluster.run("drain", "a", "--back") == exit_codes.OK
    assert cluster.store.draining() == frozenset()


def test_the_status_names_nodes_and_is_well_only_with_a_head(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.plan(a=_node("a"))
    assert cluster.run("status") == exit_codes.FAILED
    assert "! no head serves" in capsys.readouterr().out
    cluster.serve()
    assert cluster.run("status") == exit_codes.OK
    assert "a 10.0.0.9: watching, 1 cameras" in capsys.readouterr().out


def test_a_token_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cluster.token"
    assert main(["cluster", "token", str(path)]) == exit_codes.OK
    token = path.read_text(encoding="ascii")
    assert main(["cluster", "token", str(path)]) == exit_codes.FAILED
    assert path.read_text(encoding="ascii") == token
    said = capsys.readouterr()
    assert token.strip() not in said.out + said.err
