"""Readings are shared, and what changed since one of them can be asked for."""

import json
from typing import Any

import pytest

from tests.app.web_api.centre import SetClock, made_site
from tests.app.web_api.made_reports import reports_of
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.queue.workers.worker_status import STATE_FACTS
from thapcanh.alerts.store.errors import QueueUnreachable
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.cameras.camera_board import CameraBoard, state_of
from thapcanh.app.cameras.camera_list import CameraTexts
from thapcanh.app.cameras.camera_schemas import CameraResponse, camera_response
from thapcanh.app.web_api.app_state import SiteHolder


class Workers:
    """Says what a test lets it say, and counts how often it is asked."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.asked = 0
        self.is_away = False

    def tell(self, **states: str) -> None:
        cameras = [{"id": name.replace("_", "-"), "state": one} for name, one in states.items()]
        self.said = [{"worker": "worker-0", "reported_at": 1.0, "cameras": cameras}]

    def __call__(self) -> list[WorkerReport]:
        self.asked += 1
        if self.is_away:
            raise QueueUnreachable("queue: connection refused")
        return reports_of(self.said)


@pytest.fixture
def workers() -> Workers:
    return Workers()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def site() -> SiteHolder:
    return SiteHolder(made_site())


@pytest.fixture
def board(workers: Workers, clock: SetClock, site: SiteHolder) -> CameraBoard:
    return CameraBoard(workers, site, clock)


def changed(board: CameraBoard, version: int) -> set[str] | None:
    found = board.changed_since(version)
    return None if found is None else set(found.ids)


def later(board: CameraBoard, clock: SetClock) -> int:
    clock.at += 3
    return board.report().version


def test_one_reading_serves_everyone_who_asks(
    board: CameraBoard, workers: Workers, clock: SetClock
) -> None:
    workers.tell(cam_1="online")
    board.report()
    assert [one["worker"] for one in board.workers(1.0)] == ["worker-0"]
    board.report()
    assert workers.asked == 1
    clock.at += 1.5
    board.report()
    board.workers(1.0)
    assert workers.asked == 2


def test_what_changed_since_a_version_is_known(
    board: CameraBoard, workers: Workers, clock: SetClock
) -> None:
    workers.tell(cam_1="online", cam_2="online")
    first = board.report().version
    workers.tell(cam_1="online", cam_2="backoff")
    second = later(board, clock)
    assert changed(board, first) == {"cam-2"}
    assert changed(board, second) == set()
    workers.tell(cam_1="closed", cam_2="backoff")
    later(board, clock)
    assert changed(board, first) == {"cam-1", "cam-2"}
    assert changed(board, second) == {"cam-1"}


def test_a_version_that_never_was_knows_nothing(board: CameraBoard, workers: Workers) -> None:
    version = board.report().version
    assert changed(board, -1) is None
    assert changed(board, version + 5) is None
    assert board.changed_since_named("another-run") is None
    same = board.changed_since_named(board.name_of(version))
    assert same is not None
    assert not same.ids


def test_a_queue_that_goes_or_comes_back_changes_everything(
    board: CameraBoard, workers: Workers, clock: SetClock
) -> None:
    workers.tell(cam_1="online")
    seen = board.report().version
    workers.is_away = True
    away = later(board, clock)
    assert changed(board, seen) is None
    assert board.report().cameras == {}
    with pytest.raises(QueueUnreachable):
        board.workers(1.0)
    assert changed(board, later(board, clock)) == set()
    workers.is_away = False
    later(board, clock)
    assert changed(board, away) is None
    assert "cam-1" in board.report().cameras


def test_an_edited_site_changes_its_edited_cameras(
    board: CameraBoard, site: SiteHolder, clock: SetClock
) -> None:
    version = later(board, clock)
    one, two, three = site().cameras
    renamed = one.model_copy(update={"name": "Cổng"})
    site.replace(site().model_copy(update={"cameras": (renamed, three)}))
    board.report()
    found = board.changed_since(version)
    assert found is not None
    assert set(found.ids) == {one.id, two.id}
    assert found.before == {one.id: one, two.id: two}


def test_counts_follow_what_changes_for_each_sight(
    board: CameraBoard, workers: Workers, site: SiteHolder, clock: SetClock
) -> None:
    def counted() -> list[tuple[int, int]]:
        later(board, clock)
        owners = {(one.agency, one.area) for one in site().cameras}
        sights = [EVERYTHING, *(DataFilter(agencies=frozenset({str(a)})) for a, _ in owners)]
        report = board.report()
        for sight in sights:
            seen = board.cameras(sight)
            online = sum(state_of(one.id, report) == "online" for one in seen)
            assert board.counts(sight) == (len(seen), online)
        return [board.counts(EVERYTHING)]

    assert counted() == [(3, 0)]
    workers.tell(cam_1="online", cam_2="online")
    assert counted() == [(3, 2)]
    workers.tell(cam_1="online", cam_2="backoff")
    assert counted() == [(3, 1)]
    one, two, _ = site().cameras
    moved = one.model_copy(update={"agency": two.agency, "area": two.area})
    site.replace(site().model_copy(update={"cameras": (moved, two)}))
    assert counted() == [(2, 1)]
    workers.is_away = True
    assert counted() == [(2, 0)]


def test_a_text_is_kept_until_its_camera_changes(
    board: CameraBoard, workers: Workers, site: SiteHolder, clock: SetClock
) -> None:
    facts = frozenset(CameraResponse.model_fields) & (STATE_FACTS | {"name", "sees", "worker"})
    texts = CameraTexts(board)

    def made() -> list[bytes]:
        later(board, clock)
        report = board.report()
        found = texts.of(site().cameras, facts, report)
        for camera, text in zip(site().cameras, found, strict=True):
            response = camera_response(camera, report)
            assert json.loads(text) == json.loads(response.model_dump_json(include=set(facts)))
        return found

    workers.tell(cam_1="online", cam_2="online")
    workers.said[0]["cameras"][0]["since"] = 1_790_000_000.25
    before, old = made(), board.report()
    assert [a is b for a, b in zip(before, made(), strict=True)] == [True, True, True]
    workers.tell(cam_1="online", cam_2="backoff")
    after = made()
    assert [a is b for a, b in zip(before, after, strict=True)] == [False, False, True]
    texts.of(site().cameras, facts, old)  # who comes late leaves nothing behind
    assert made() == after
    workers.is_away = True
    assert all(b"queue_unavailable" in text for text in made())
