"""The Fleet over a real queue: nodes die, are drained, come back, and heads replace each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import QueueServer, queue_server
from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.alerts.store.errors import PlanSuperseded
from thapcanh.app.cluster.assignment import FleetCamera
from thapcanh.app.cluster.fleet import REJOIN_S, Fleet
from thapcanh.app.cluster.machine_facts import NodeFacts
from thapcanh.app.cluster.report import told
from thapcanh.app.cluster.share_tables import FleetCameras

__all__ = ["queue_server"]  # a fixture of the alerts' tests

CAMERAS = tuple(FleetCamera(camera_id=f"cam-{number:02}") for number in range(30))
ALL = {one.camera_id for one in CAMERAS}


def _node(name: str, cameras: int = 30) -> NodeFacts:
    return NodeFacts(node=name, address=f"10.0.0.{ord(name)}", workers=1, cameras=cameras)


NODES = {name: _node(name) for name in "abc"}


class Reports:
    """What workers last said."""

    def __init__(self) -> None:
        self.seeing: dict[str, set[str]] = {}
        self.at = 0.0

    def __call__(self) -> Any:
        self.at += 2.0
        return [
            {
                "worker": worker,
                "lost": False,
                "reported_at": self.at,
                "looks": {"looks": 0, "late": 0},
                "cameras": [{"id": camera, "state": "online"} for camera in cameras],
            }
            for worker, cameras in self.seeing.items()
        ]


@pytest.fixture
def store(queue_server: QueueServer) -> Iterator[FleetStore]:
    store = FleetStore(queue_server.url)
    yield store
    store.close()


def test_a_dead_nodes_cameras_move_and_no_others(store: FleetStore) -> None:
    fleet = Fleet(store, Reports())
    before = fleet.tick(CAMERAS, NODES, 1.0)
    assert set().union(*(one.shares[f"{name}-0"] for name, one in before.items())) == ALL
    living = {name: NODES[name] for name in "bc"}
    after = fleet.tick(CAMERAS, living, 2.0)
    for name in "bc":
        assert after[name].shares[f"{name}-0"] >= before[name].shares[f"{name}-0"]
    assert after["b"].shares["b-0"] | after["c"].shares["c-0"] == ALL
    assert after["b"].epoch == before["b"].epoch + 1
    document = store.plan()
    assert document is not None
    assert [name for name, one in document["nodes"].items() if not one["lives"]] == ["a"]


def test_a_drained_node_is_left_when_the_others_see(store: FleetStore) -> None:
    reports = Reports()
    fleet = Fleet(store, reports)
    before = fleet.tick(CAMERAS, NODES, 1.0)
    store.drain("a", wanted=True)
    both = fleet.tick(CAMERAS, NODES, 2.0)
    assert both["a"].shares == before["a"].shares
    reports.seeing = {"b-0": ALL, "c-0": ALL}
    left = fleet.tick(CAMERAS, NODES, 3.0)
    assert left["a"].shares == {"a-0": frozenset()}
    store.drain("a", wanted=False)
    back = fleet.tick(CAMERAS, NODES, 4.0)
    assert back["a"].shares["a-0"]


def test_a_new_head_goes_on_with_the_plan_of_the_last(store: FleetStore) -> None:
    first = Fleet(store, Reports()).tick(CAMERAS, NODES, 1.0)
    again = Fleet(store, Reports()).tick(CAMERAS, NODES, 2.0)
    assert {name: one.shares for name, one in again.items()} == {
        name: one.shares for name, one in first.items()
    }


def test_a_head_that_was_cut_off_cannot_write_over_its_successors_plan(store: FleetStore) -> None:
    old = Fleet(store, Reports())
    old.tick(CAMERAS, NODES, 1.0)
    successor = Fleet(store, Reports())
    successor.tick(CAMERAS, {name: NODES[name] for name in "bc"}, 2.0)
    successor.tick(CAMERAS, NODES, 3.0)
    with pytest.raises(PlanSuperseded):
        old.tick(CAMERAS, {"a": NODES["a"]}, 4.0)
    document = store.plan()
    assert document is not None
    followed = old.tick(CAMERAS, NODES, 5.0)
    assert followed["a"].epoch >= document["epoch"]


def test_a_queue_that_lost_the_plan_does_not_go_back_in_time(store: FleetStore) -> None:
    fleet = Fleet(store, Reports())
    fleet.tick(CAMERAS, NODES, 1.0)
    fleet.raise_epoch(41)
    assert fleet.tick(CAMERAS, NODES, 2.0)["a"].epoch >= 42


def test_what_has_no_room_is_watched_and_named(store: FleetStore) -> None:
    fleet = Fleet(store, Reports())
    small = {name: _node(name, cameras=10) for name in "ab"}
    found = fleet.tick(CAMERAS, small, 1.0)
    assert found["a"].shares["a-0"] | found["b"].shares["b-0"] == ALL
    lines, is_well = told({"head": "h", "versions": {"thapcanh": "1"}}, store.plan())
    assert not is_well
    assert any("a-0 holds 5 cameras beyond its capacity" in line for line in lines)


def test_a_head_that_cannot_read_the_registry_takes_no_camera_from_anybody(
    store: FleetStore, tmp_path: Path
) -> None:
    """A new head whose database was away made a plan without cameras: nobody watched any."""
    Fleet(store, Reports()).tick(CAMERAS, NODES, 1.0)
    before = store.plan()
    config = tmp_path / "thapcanh.toml"
    config.write_text(
        '[site]\ndata_dir = "data"\n[registry]\nsource = "database"\n'
        '[archive]\nurl = "postgresql://watch:hush@127.0.0.1:1/archive"\n',
        encoding="utf-8",
    )
    cameras = FleetCameras(config)
    try:
        found = cameras.all(lambda: ())
        assert found is None
        assert Fleet(store, Reports()).tick(found, NODES, 2.0) == {}
        assert store.plan() == before
        head = {"head": "h", "versions": {"thapcanh": "1"}, "unread": cameras.unread}
        lines, is_well = told(head, before)
    finally:
        cameras._opened.close()
    assert not is_well
    assert lines[1].startswith("! the head does not know the cameras, and moves none: archive ")
    assert "hush" not in lines[1]


def test_a_head_that_cannot_open_logins_moves_no_camera(store: FleetStore) -> None:
    """A new head without the credentials' key read no camera, and emptied the plan."""
    Fleet(store, Reports()).tick(CAMERAS, NODES, 1.0)
    before = store.plan()
    successor = Fleet(store, Reports())
    shut = frozenset(one.camera_id for one in CAMERAS)
    assert successor.tick((), NODES, 2.0, shut) == {}
    assert successor.shut_out == len(CAMERAS)
    assert store.plan() == before
    elsewhere = frozenset({"of-no-plan"})  # a camera that no head could ever open blocks nothing
    assert successor.tick(CAMERAS, NODES, 3.0, elsewhere).keys() == NODES.keys()
    assert successor.shut_out == 0


def test_without_a_head_or_a_plan_that_is_said() -> None:
    lines, is_well = told(None, None)
    assert lines == [
        "! no head serves; workers watch what they were given",
        "! no plan yet: no node has joined",
    ]
    assert not is_well


def test_a_new_head_does_not_give_everything_to_the_first_node_that_is_back(
    store: FleetStore,
) -> None:
    first = Fleet(store, Reports()).tick(CAMERAS, NODES, 1.0)
    reports = Reports()
    reports.seeing = {f"{name}-0": set(first[name].shares[f"{name}-0"]) for name in "bc"}
    successor = Fleet(store, reports)
    one_back = successor.tick(CAMERAS, {"b": NODES["b"]}, 2.0)
    assert one_back["b"].shares["b-0"] >= first["b"].shares["b-0"]
    assert one_back["c"].shares["c-0"] >= first["c"].shares["c-0"]
    taken = one_back["b"].shares["b-0"] | one_back["c"].shares["c-0"]
    assert taken == ALL  # node a says nothing any more: its cameras move
    gone = successor.tick(CAMERAS, {"b": NODES["b"]}, 2.0 + REJOIN_S)
    assert gone["b"].shares["b-0"] == ALL
