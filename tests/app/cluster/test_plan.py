"""The plan from moment to moment: a camera that moves is watched by both until it is seen."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from thapcanh.app.cluster.assignment import FleetCamera, FleetWorker
from thapcanh.app.cluster.plan import (
    HANDOVER_S,
    FleetNow,
    FleetPlan,
    from_document,
    next_plan,
    settled,
    to_document,
)

CAMERAS = tuple(FleetCamera(camera_id=f"cam-{number}") for number in range(20))
A, B = (FleetWorker(worker_id=name, cameras=30) for name in ("a", "b"))
NOBODY: Mapping[str, AbstractSet[str]] = {}


def _now(*workers: FleetWorker, living: str = "ab", seeing: object = None) -> FleetNow:
    return FleetNow(
        placeable=workers,
        living=frozenset(living),
        seeing=NOBODY if seeing is None else seeing,  # type: ignore[arg-type]
    )


def test_the_first_plan_places_all_and_the_next_changes_nothing() -> None:
    plan = next_plan(FleetPlan(), CAMERAS, _now(A, B), 0.0)
    assert plan.epoch == 1
    assert plan.owners.keys() == {one.camera_id for one in CAMERAS}
    assert next_plan(plan, CAMERAS, _now(A, B), 1.0) is plan
    assert settled(plan, _now(A, B), 1.0) is plan


def test_a_drained_worker_watches_on_until_each_camera_is_seen_elsewhere() -> None:
    plan = next_plan(FleetPlan(), CAMERAS, _now(A, B), 0.0)
    mine = plan.shares()["a"]
    drained = next_plan(plan, CAMERAS, _now(B), 1.0)
    assert drained.shares()["a"] == mine
    assert drained.shares()["b"] == {one.camera_id for one in CAMERAS}
    seen = sorted(mine)[0]
    later = settled(drained, _now(B, seeing={"b": {seen}}), 2.0)
    assert later.epoch == drained.epoch + 1
    assert later.shares()["a"] == mine - {seen}
    done = settled(later, _now(B, seeing={"b": mine}), 3.0)
    assert "a" not in done.shares()


def test_a_camera_that_nobody_can_open_does_not_hold_a_drain_up_for_ever() -> None:
    plan = next_plan(FleetPlan(), CAMERAS, _now(A, B), 0.0)
    drained = next_plan(plan, CAMERAS, _now(B), 1.0)
    assert settled(drained, _now(B), HANDOVER_S) is drained
    assert not settled(drained, _now(B), 1.0 + HANDOVER_S).leaving


def test_of_a_dead_worker_nothing_is_waited_for() -> None:
    plan = next_plan(FleetPlan(), CAMERAS, _now(A, B), 0.0)
    after = next_plan(plan, CAMERAS, _now(B, living="b"), 1.0)
    assert not after.leaving
    assert after.shares() == {"b": {one.camera_id for one in CAMERAS}}


def test_where_nobody_can_take_over_everybody_watches_on() -> None:
    plan = next_plan(FleetPlan(), CAMERAS, _now(A), 0.0)
    assert next_plan(plan, CAMERAS, _now(living=""), 1.0) is plan


def test_a_camera_that_comes_back_before_it_left_stays() -> None:
    plan = next_plan(FleetPlan(), CAMERAS, _now(A), 0.0)
    away = next_plan(plan, CAMERAS, _now(B), 1.0)
    back = next_plan(away, CAMERAS, _now(A, living="a"), 2.0)
    assert back.shares() == {"a": {one.camera_id for one in CAMERAS}}


def test_a_plan_is_remembered_whole() -> None:
    plan = next_plan(FleetPlan(), CAMERAS, _now(A, B), 0.0)
    drained = next_plan(plan, CAMERAS, _now(replace(B, cameras=5)), 1.0)
    assert drained.beyond
    assert from_document(to_document(drained)) == drained
