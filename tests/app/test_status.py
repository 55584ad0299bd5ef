"""What the status says of workers and cameras: a table of reports and findings."""

from typing import Any

from app.status import judge
from config.camera import Camera
from config.secret import SecretUrl
from config.site import Site


def site(*ids: str) -> Site:
    return Site(cameras=tuple(Camera(id=i, name=i, source=SecretUrl("rtsp://h/a")) for i in ids))


def worker(**cameras: str) -> dict[str, Any]:
    return {
        "worker": "worker-0",
        "lost": False,
        "looks": {"state": "looking", "looks": 7, "reason": "started"},
        "spool": {"waiting": 0},
        "queue": {"connected": True, "error": None},
        "cameras": [
            {"id": key, "state": state, "since": 0.0, "detail": "no answer"}
            for key, state in cameras.items()
        ],
    }


def bad(findings: list[Any]) -> list[str]:
    return [finding.text for finding in findings if finding.bad]


def test_all_is_well() -> None:
    assert bad(judge(site("a"), [worker(a="online")], 0.0)) == []


def test_a_dark_camera_is_named_with_its_reason() -> None:
    findings = bad(judge(site("a", "b"), [worker(a="online", b="backoff")], 0.0))
    assert findings[0] == "cameras: 1 of 2 online"
    assert findings[1].startswith("camera b: backoff since ")
    assert findings[1].endswith("no answer")


def test_a_camera_that_no_worker_watches_is_not_calm() -> None:
    assert "camera b: no worker watches it" in bad(judge(site("b"), [worker()], 0.0))


def test_a_lost_worker_and_no_worker() -> None:
    lost = {"worker": "worker-0", "lost": True, "reported_at": 100.0}
    assert "worker-0: lost, silent for 20 s" in bad(judge(site(), [lost], 120.0))
    assert "no worker reports: no camera is watched" in bad(judge(site(), [], 0.0))


def test_a_stalled_detector_and_an_unreachable_queue_are_told() -> None:
    stalled = worker(a="online")
    stalled["looks"] = {"state": "stalled", "looks": 7, "reason": "InferenceError: x"}
    assert bad(judge(site("a"), [stalled], 0.0)) == [
        "worker-0: stalled, 7 looks, 0 events spooled; InferenceError: x"
    ]
    cut = worker(a="online")
    cut["queue"] = {"connected": False, "error": "queue redis://q: refused"}
    assert "queue redis://q: refused" in bad(judge(site("a"), [cut], 0.0))[0]


def test_many_dark_cameras_are_counted_not_listed() -> None:
    findings = bad(judge(site(*(f"c{i}" for i in range(30))), [worker()], 0.0))
    assert findings[-1] == "… and 22 more cameras"
