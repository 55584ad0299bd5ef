"""Coverage over HTTP: of a period, a camera, a report; and what cameras tell of themselves."""

from typing import Any

import pytest

from tests.app.web_api.centre import NOW, Centre, Desk
from tests.app.web_api.made_reports import reports_of
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.coverage.coverage_recorder import CoverageRecorder

REPORTED: dict[str, Any] = {"id": "cam-1", "state": "online", "picture": "ok"}


def record(centre: Centre, *rounds: tuple[float, dict[str, Any]]) -> None:
    """What the centre writes down when cam-1 reports this at these seconds; the others are down."""
    board = CameraBoard(lambda: reports_of(centre.workers), centre.site, centre.clock)
    recorder = CoverageRecorder(centre.archive.database, board, centre.clock.utc)
    for at, said in rounds:
        centre.clock.at = NOW + at
        camera = {**REPORTED, **said}
        centre.workers[:] = [{"worker": "w", "reported_at": 1.0, "cameras": [camera]}]
        recorder.round()


DARK = {"picture": "dark", "reason": "no light"}


def test_a_day_of_coverage_and_who_is_blind_now(centre: Centre, desk: Desk) -> None:
    record(centre, (0, {}), (30, {}), (60, DARK), (90, DARK), (100, {}))
    found = desk.get("/api/v1/coverage").json()
    assert found["share"] == pytest.approx(60 / 300)  # of three cameras' 100 s
    assert found["recorded_share"] == pytest.approx(100 / 86_400)
    assert (found["cameras_total"], found["cameras_seeing"]) == (3, 1)
    assert [(one["camera"], one["state"]) for one in found["blind"]] == [
        ("cam-2", "unwatched"),
        ("cam-3", "unwatched"),
    ]
    assert [(one["camera"], one["blind_s"]) for one in found["worst"]] == [
        ("cam-2", 100.0),
        ("cam-3", 100.0),
        ("cam-1", 40.0),
    ]


def test_a_cameras_ups_and_downs(centre: Centre, desk: Desk) -> None:
    record(centre, (0, {}), (40, DARK), (60, {}), (80, {}))
    history = desk.get("/api/v1/cameras/cam-1/history").json()
    assert [(one["picture"], one["sees"]) for one in history["items"]] == [
        ("ok", True),
        ("dark", False),
        ("ok", True),
    ]
    assert (history["items"][1]["reason"], history["items"][-1]["until"]) == ("no light", None)
    assert (history["outages"], history["blind_s"], history["share"]) == (1, 20.0, 0.75)
    assert desk.get("/api/v1/cameras/cam-9/history").json()["error"] == "camera_not_found"


def test_a_report_says_how_much_was_seen(centre: Centre, desk: Desk) -> None:
    record(centre, (0, {}), (50, {}), (100, {}))
    period = {"since": NOW, "until": NOW + 100}
    covered = desk.get("/api/v1/report", params=period).json()["coverage"]
    assert (covered["share"], covered["recorded_share"]) == (pytest.approx(1 / 3), 1.0)
    assert [one["camera"] for one in covered["worst"]] == ["cam-2", "cam-3"]
    book = desk.get("/api/v1/report/export.xlsx", params=period)
    assert book.status_code == 200
    before = {"since": NOW - 200, "until": NOW - 100}
    nothing = desk.get("/api/v1/report", params=before).json()["coverage"]
    assert nothing == {
        "share": None,
        "why_not": "not_recorded",
        "recorded_share": 0.0,
        "worst": [],
    }


def test_one_sees_ones_own_cameras_coverage(centre: Centre, desk_of: Any) -> None:
    record(centre, (0, {}), (50, {}))
    pc07 = desk_of("pc07", Role.VIEWER, DataFilter(agencies=frozenset({"pc07"})))
    found = pc07.get("/api/v1/coverage").json()
    assert (found["share"], found["cameras_total"], found["blind"]) == (1.0, 1, [])
    assert pc07.get("/api/v1/cameras/cam-2/history").status_code == 404


@pytest.mark.parametrize("period", [{"since": NOW, "until": NOW}, {"since": NOW - 32 * 86_400}])
def test_what_is_no_period(standing_desk: Desk, period: dict[str, float]) -> None:
    answer = standing_desk.get("/api/v1/coverage", params=period)
    assert (answer.status_code, answer.json()["error"]) == (422, "period_wrong")


def test_a_camera_tells_how_it_is_decoded_and_who_crossed_its_lines(
    standing_centre: Centre, standing_desk: Desk
) -> None:
    crossings = {"exit-1": {"entered": 4, "left": 2}}
    said = {"decoding": "keyframes", "decoding_reason": "quiet", "crossings": crossings}
    record(standing_centre, (0, said))
    cameras = {one["id"]: one for one in standing_desk.get("/api/v1/cameras").json()["items"]}
    first = cameras["cam-1"]
    assert (first["decoding"], first["decoding_reason"]) == ("keyframes", "quiet")
    assert first["crossings"] == {"exit-1": {"entered": 4, "left": 2}}
    assert (first["sees"], cameras["cam-2"]["sees"], first["ends_at"]) == (True, False, None)
