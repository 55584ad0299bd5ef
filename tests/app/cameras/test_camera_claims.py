"""Whose word on a camera counts, and which cameras are told to have changed."""

from thapcanh.alerts.queue.workers.worker_report import CameraWord, WorkerReport, silent_worker
from thapcanh.app.cameras.camera_claims import CameraClaims


def _worker(name: str, at: float, **cameras: str) -> WorkerReport:
    said = [CameraWord(id=camera, state=state) for camera, state in cameras.items()]
    return WorkerReport(worker=name, lost=False, reported_at=at, cameras=said)


def _state(claims: CameraClaims, camera: str) -> tuple[str, str | None]:
    worker, said = claims.cameras[camera]
    return worker, said["state"]


def test_only_what_changed_is_told() -> None:
    claims = CameraClaims()
    assert claims.update([_worker("w0", 1, a="online", b="online")]) == {"a", "b"}
    assert claims.update([_worker("w0", 2, a="online", b="backoff")]) == {"b"}
    assert claims.update([_worker("w0", 3, a="online", b="backoff")]) == frozenset()
    assert _state(claims, "b") == ("w0", "backoff")


def test_a_silent_workers_cameras_are_gone() -> None:
    claims = CameraClaims()
    claims.update([_worker("w0", 1, a="online"), _worker("w1", 1, b="online")])
    assert claims.update([silent_worker("w0", 2.0, []), _worker("w1", 2, b="online")]) == {"a"}
    assert claims.update([]) == {"b"}
    assert claims.cameras == {}


def test_a_camera_that_moved_is_its_new_workers_even_while_both_speak() -> None:
    claims = CameraClaims()
    claims.update([_worker("w0", 5, a="online")])
    both = [_worker("w0", 5, a="online"), _worker("w1", 6, a="connecting")]
    assert claims.update(both) == {"a"}
    assert _state(claims, "a") == ("w1", "connecting")
    again = both[0].copy()  # the same cameras, in another order of time
    again["reported_at"] = 9.0
    late = [again, both[1]]
    assert claims.update(late) == {"a"}
    assert _state(claims, "a") == ("w0", "online")
    assert claims.update([both[1]]) == {"a"}
    assert _state(claims, "a") == ("w1", "connecting")


def test_a_reading_in_hand_does_not_change() -> None:
    claims = CameraClaims()
    claims.update([_worker("w0", 1, a="online")])
    before = claims.cameras
    claims.update([_worker("w0", 2, a="backoff")])
    assert before["a"][1]["state"] == "online"
