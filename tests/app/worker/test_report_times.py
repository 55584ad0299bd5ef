"""A worker reports every two seconds; sooner when a camera falls, but never in a storm."""

from thapcanh.app.worker.report_times import REPORT_EVERY_S, REPORT_GAP_S, ReportTimes

SEES = {"cam-1": ("online", "ok"), "cam-2": ("online", "ok")}
FELL = {**SEES, "cam-2": ("backoff", "ok")}


def test_a_camera_that_falls_is_reported_before_its_time() -> None:
    reports = ReportTimes()
    assert reports.is_due(0.0, SEES)
    assert not reports.is_due(REPORT_EVERY_S - 0.1, SEES)
    assert reports.is_due(REPORT_EVERY_S, SEES)
    assert reports.is_due(REPORT_EVERY_S + REPORT_GAP_S, FELL)
    assert not reports.is_due(REPORT_EVERY_S + 2 * REPORT_GAP_S, FELL)


def test_cameras_that_fall_all_the_time_are_reported_once_a_gap() -> None:
    reports = ReportTimes()
    ticks = [tick * REPORT_GAP_S / 2 for tick in range(21)]
    told = [at for at in ticks if reports.is_due(at, {"cam-1": ("online", str(at))})]
    assert told == ticks[::2]


def test_a_frozen_picture_counts_as_a_change() -> None:
    reports = ReportTimes()
    assert reports.is_due(0.0, SEES)
    assert reports.is_due(REPORT_GAP_S, {**SEES, "cam-1": ("online", "frozen")})
