"""Which worker watches which camera: each one exactly once, and few moves when a machine dies."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from thapcanh.app.cluster.assignment import FleetAssignment, FleetCamera, FleetWorker, assign

AREAS = ("ba-dinh", "hoan-kiem", "tay-ho")


def _cameras(count: int) -> list[FleetCamera]:
    return [
        FleetCamera(
            camera_id=f"cam-{number}",
            area=AREAS[number % len(AREAS)],
            wants_gpu=number % 7 == 0,
        )
        for number in range(count)
    ]


def _held(found: FleetAssignment) -> Counter[str]:
    return Counter(found.owners.values())


workers = st.lists(
    st.builds(
        FleetWorker,
        worker_id=st.integers(0, 99).map("worker-{}".format),
        cameras=st.integers(0, 40),
        areas=st.frozensets(st.sampled_from(AREAS), max_size=2),
        has_gpu=st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one.worker_id,
)


@given(workers=workers, count=st.integers(0, 120))
@settings(max_examples=80)
def test_every_camera_has_one_owner_and_nobody_is_overfull_while_there_is_room(
    workers: list[FleetWorker], count: int
) -> None:
    found = assign(_cameras(count), workers, {})
    assert found.owners.keys() == {one.camera_id for one in _cameras(count)}
    capacity = {one.worker_id: one.cameras for one in workers}
    if count <= sum(capacity.values()):
        assert not found.beyond
        assert all(held <= capacity[name] for name, held in _held(found).items())
    elif any(capacity.values()):
        named = sum(len(mine) for mine in found.beyond.values())
        assert named >= count - sum(capacity.values())
        share = count / sum(capacity.values())
        assert all(held <= capacity[name] * share + 1 for name, held in _held(found).items())


@given(workers=workers, count=st.integers(0, 120), gone=st.integers(0, 7))
@settings(max_examples=80)
def test_a_worker_that_dies_moves_its_own_cameras_alone(
    workers: list[FleetWorker], count: int, gone: int
) -> None:
    before = assign(_cameras(count), workers, {}).owners
    dead = workers[gone % len(workers)]
    living = [one for one in workers if one is not dead]
    if not living:
        assert assign(_cameras(count), living, before).owners == {}
        return
    after = assign(_cameras(count), living, before).owners
    stranded = {camera for camera, owner in before.items() if owner == dead.worker_id}
    moved = {camera for camera in before if after[camera] != before[camera]}
    fits = count <= sum(one.cameras for one in living)
    if fits or count > sum(one.cameras for one in workers):
        assert moved == stranded
    assert stranded <= moved


@given(workers=workers, count=st.integers(0, 120))
@settings(max_examples=40)
def test_nothing_moves_where_nothing_changed(workers: list[FleetWorker], count: int) -> None:
    before = assign(_cameras(count), workers, {})
    again = assign(reversed(_cameras(count)), reversed(workers), before.owners)
    assert again == before


def test_a_worker_that_comes_takes_its_share_and_moves_no_other_camera() -> None:
    two = [FleetWorker(worker_id=name, cameras=200) for name in ("a", "b")]
    before = assign(_cameras(300), two, {}).owners
    three = [*two, FleetWorker(worker_id="c", cameras=200)]
    assert assign(_cameras(300), three, before).owners == before
    after = assign(_cameras(300), three, before, spread=True).owners
    moved = [camera for camera in before if after[camera] != before[camera]]
    assert all(after[camera] == "c" for camera in moved)
    assert 60 <= len(moved) <= 100


def test_a_wards_box_takes_its_wards_cameras_and_a_gpu_the_heavy_ones() -> None:
    fleet = [
        FleetWorker(worker_id="ward", cameras=40, areas=frozenset({"ba-dinh"})),
        FleetWorker(worker_id="gpu", cameras=60, has_gpu=True),
        FleetWorker(worker_id="plain", cameras=60),
    ]
    owners = assign(_cameras(120), fleet, {}).owners
    for camera in _cameras(120):
        if camera.area == "ba-dinh":
            assert owners[camera.camera_id] == "ward"
        elif camera.wants_gpu:
            assert owners[camera.camera_id] == "gpu"
        else:
            assert owners[camera.camera_id] != "ward"


def test_a_wards_cameras_come_back_to_its_box() -> None:
    ward = FleetWorker(worker_id="ward", cameras=40, areas=frozenset({"ba-dinh"}))
    plain = FleetWorker(worker_id="plain", cameras=200)
    away = assign(_cameras(60), [plain], {}).owners
    back = assign(_cameras(60), [plain, ward], away).owners
    assert _came(back, "ward") == {f"cam-{number}" for number in range(0, 60, 3)}


def test_what_has_no_room_is_named_and_shared_by_what_each_holds() -> None:
    fleet = [FleetWorker(worker_id="small", cameras=10), FleetWorker(worker_id="large", cameras=30)]
    found = assign(_cameras(80), fleet, {})
    assert _held(found) == {"small": 20, "large": 60}
    assert {name: len(mine) for name, mine in found.beyond.items()} == {"small": 10, "large": 30}


def _came(owners: Mapping[str, str], worker: str) -> set[str]:
    return {camera for camera, owner in owners.items() if owner == worker}
