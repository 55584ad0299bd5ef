"""Which worker watches which camera."""

from app.watched_cameras import WorkerPlace


def test_every_camera_has_exactly_one_worker_and_the_shares_are_even() -> None:
    places = [WorkerPlace(index=index, of=4) for index in range(4)]
    cameras = [f"camera-{number}" for number in range(2000)]
    shares = [[camera for camera in cameras if place.has(camera)] for place in places]
    assert sorted(camera for share in shares for camera in share) == sorted(cameras)
    assert all(400 < len(share) < 600 for share in shares)


def test_one_more_worker_takes_cameras_and_moves_no_other() -> None:
    cameras = [f"camera-{number}" for number in range(500)]
    before = {c: i for c in cameras for i in range(3) if WorkerPlace(index=i, of=3).has(c)}
    after = {c: i for c in cameras for i in range(4) if WorkerPlace(index=i, of=4).has(c)}
    assert all(after[camera] in (before[camera], 3) for camera in cameras)
