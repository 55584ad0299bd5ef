"""Whether health tells a site whose workers do not live."""

import pytest

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, serving
from tests.app.web_api.made_reports import reports_of
from tests.app.web_api.served_app import Served
from thapcanh.alerts.queue.workers.worker_report import CameraWord
from thapcanh.alerts.store.coordination.centres import LivingCentre
from thapcanh.alerts.store.errors import QueueUnreachable
from thapcanh.app.cameras.camera_board import CameraReport
from thapcanh.app.health.health_routes import STARTING_S, Readiness, readiness
from thapcanh.app.stream import heartbeat
from thapcanh.config.site import Site


def _report(*cameras: str, lost: bool = False, is_known: bool = True) -> CameraReport:
    workers = reports_of([{"worker": "worker-0", "lost": lost}])
    found = {camera: ("worker-0", CameraWord(id=camera)) for camera in cameras}
    return CameraReport(at=0.0, is_known=is_known, workers=workers, cameras=found)


@pytest.mark.parametrize(
    ("report", "cameras", "up_s", "expected"),
    [
        (_report("a", "b"), "ab", 1e6, Readiness.OK),
        (_report(lost=True), "", 1e6, Readiness.OK),
        (_report("a"), "ab", STARTING_S - 1, Readiness.STARTING),
        (_report("a"), "ab", STARTING_S, Readiness.PARTLY),
        (_report(lost=True), "ab", STARTING_S, Readiness.BLIND),
        (_report(lost=True), "ab", STARTING_S - 1, Readiness.STARTING),
        (_report("a", is_known=False), "a", 1e6, Readiness.UNKNOWN),
    ],
)
def test_the_word_follows_from_who_lives(
    report: CameraReport, cameras: str, up_s: float, expected: Readiness
) -> None:
    assert readiness(report, list(cameras), up_s) is expected


def _requested(served: Served) -> list[tuple[int, str]]:
    answers = [anonymous_get(served.address + path) for path in ("/healthz", "/readyz")]
    return [(answer.status_code, answer.json()["status"]) for answer in answers]


def test_health_tells_a_site_whose_workers_do_not_live(centre: Centre) -> None:
    with serving(centre) as served:
        assert _requested(served) == [(200, "starting"), (503, "starting")]
        centre.clock.at += STARTING_S
        assert _requested(served) == [(503, "unwatched"), (503, "unwatched")]
        cameras = [{"id": one.id, "state": "online"} for one in centre.site().cameras]
        centre.workers.append({"worker": "worker-0", "lost": False, "cameras": cameras[:1]})
        centre.clock.at += 10
        assert _requested(served) == [(200, "partly_unwatched"), (503, "partly_unwatched")]
        centre.workers[0]["cameras"] = cameras
        centre.clock.at += 10
        assert _requested(served) == [(200, "ok"), (200, "ok")]
        centre.workers[0] = {"worker": "worker-0", "lost": True}
        centre.clock.at += 10
        assert _requested(served)[0] == (503, "unwatched")


def test_a_queue_that_does_not_answer_is_not_ready_and_no_reason_to_restart(
    centre: Centre,
) -> None:
    def fail() -> list[dict[str, object]]:
        raise QueueUnreachable("queue redis://127.0.0.1: no answer")

    centre.read_workers = fail
    with serving(centre) as served:
        assert _requested(served) == [(200, "queue_unavailable"), (503, "queue_unavailable")]


def test_a_site_without_cameras_is_ready(centre: Centre) -> None:
    centre.site.replace(Site())
    with serving(centre) as served:
        assert _requested(served) == [(200, "ok"), (200, "ok")]


def test_a_centre_is_not_ready_while_no_centre_takes_events(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "GRACE_S", 5.0)
    centre.site.replace(Site())
    centre.living = ()
    with serving(centre) as served:
        assert _requested(served) == [(200, "ok"), (200, "ok")]
        centre.clock.at += 6
        assert _requested(served) == [(200, "ok"), (503, "events_not_taken")]
        centre.living = (LivingCentre(name="b", leads=True),)
        centre.clock.at += 2
        assert _requested(served) == [(200, "ok"), (200, "ok")]


def test_a_centre_is_not_ready_at_once_when_no_entry_can_be_added_to_the_queue(
    centre: Centre,
) -> None:
    centre.site.replace(Site())
    with serving(centre) as served:
        assert _requested(served) == [(200, "ok"), (200, "ok")]
        centre.queue_takes_none = True
        centre.clock.at += 2
        assert _requested(served) == [(200, "ok"), (503, "events_not_taken")]
        centre.queue_takes_none = False
        centre.clock.at += 2
        assert _requested(served) == [(200, "ok"), (200, "ok")]


def test_a_site_most_of_whose_cameras_send_no_pictures_is_degraded(centre: Centre) -> None:
    with serving(centre) as served:
        ids = [camera.id for camera in centre.site().cameras]
        cameras = [{"id": id_, "state": "online"} for id_ in ids]
        centre.workers.append({"worker": "worker-0", "lost": False, "cameras": cameras})
        centre.clock.at += STARTING_S
        assert _requested(served) == [(200, "ok"), (200, "ok")]
        centre.workers[0]["cameras"] = [{**one, "state": "offline"} for one in cameras]
        centre.clock.at += 10
        assert _requested(served) == [(200, "ok"), (200, "degraded")]


def test_a_site_that_runs_by_its_last_good_configuration_is_ready_and_says_so(
    centre: Centre,
) -> None:
    with serving(centre) as served:
        cameras = [{"id": one.id, "state": "online"} for one in centre.site().cameras]
        centre.workers.append({"worker": "worker-0", "lost": False, "cameras": cameras})
        centre.clock.at += STARTING_S
        assert _requested(served)[1] == (200, "ok")
        centre.site.refused_since = centre.clock.at
        assert _requested(served) == [(200, "ok"), (200, "earlier_configuration")]
