"""The report and the desk's foot over HTTP: periods, scopes, the workbook."""

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable

import pytest

from alerts.lifecycle.roles import DataFilter, Role
from app.api.reports.period import DAY_S, bar_of, midnight
from tests.app.api.centre import NOW, Centre, Desk

MakeDesk = Callable[..., Desk]
DAY = {"since": str(NOW - DAY_S), "until": str(NOW + 60)}
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def answered(centre: Centre, desk: Desk) -> None:
    """One alert rejected after 10 s, one confirmed after 30 s, one left open."""
    first, second = centre.raise_alert("cam-1"), centre.raise_alert("cam-2", kind="smoke")
    centre.raise_alert("cam-3")
    centre.clock.at += 8.0  # pictures are two seconds older than alerts
    desk.act(first, "acknowledge")
    desk.act(first, "reject", 2, reason="steam")
    centre.clock.at += 20.0
    desk.act(second, "acknowledge")
    desk.act(second, "confirm", 2)


def test_a_days_report(centre: Centre, desk: Desk) -> None:
    answered(centre, desk)
    report = desk.get("/api/v1/report", params=DAY).json()
    watch = report["watch"]
    assert (watch["total"], watch["confirmed"], watch["rejected"], watch["unjudged"]) == (
        3,
        1,
        1,
        1,
    )
    assert watch["false_rate"] == 0.5
    assert {each["name"]: each["total"] for each in report["areas"]} == {
        "hoan-kiem": 1,
        "tay-ho": 1,
        "": 1,
    }
    assert (report["acknowledge"]["within_15_s"], report["acknowledge"]["within_60_s"]) == (0.5, 1)
    assert report["reject_reasons"] == {"steam": 1}
    assert report["coverage"]["why_not"] == "not_recorded"
    assert report["load"]["mean_per_desk"] is None
    assert sum(bar["total"] for bar in report["timeline"]) == 3


def test_the_load_is_per_desk_once_a_shift_is_on_record(centre: Centre, desk: Desk) -> None:
    headers = {"X-CSRF-Token": desk.csrf}
    assert desk.post("/api/v1/shift/take", json={}, headers=headers).status_code == 200
    centre.raise_alert()
    report = desk.get("/api/v1/report", params=DAY).json()
    assert report["load"]["mean_per_desk"] == pytest.approx(report["load"]["mean"])


def test_a_report_shows_an_agency_its_own(centre: Centre, desk_of: MakeDesk) -> None:
    centre.raise_alert("cam-1")
    centre.raise_alert("cam-2")
    agency = desk_of("csgt", Role.AGENCY, DataFilter(agencies=frozenset({"csgt"})))
    report = agency.get("/api/v1/report", params=DAY).json()
    assert [each["name"] for each in report["cameras"]] == ["cam-2"]
    assert report["sources"][0]["share"] == 1.0


@pytest.mark.parametrize(("since", "until"), [(NOW, NOW), (NOW, NOW - 1), (NOW - 401 * DAY_S, NOW)])
def test_a_period_that_is_none_is_refused(desk: Desk, since: float, until: float) -> None:
    answer = desk.get("/api/v1/report", params={"since": since, "until": until})
    assert (answer.status_code, answer.json()["error"]) == (422, "period_wrong")


def test_the_workbook_says_what_the_screen_says_and_is_in_the_log(
    centre: Centre, desk: Desk
) -> None:
    answered(centre, desk)
    answer = desk.get("/api/v1/report/export.xlsx", params=DAY, headers={"Accept-Language": "vi"})
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        names = [
            sheet.get("name")
            for sheet in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")  # noqa: S314
        ]
        summary = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 our own
    assert names[:3] == ["Tổng hợp", "Theo loại", "Theo khu vực"]
    rows = {
        cells[0]: cells[1]
        for cells in (
            ["".join(cell.itertext()) for cell in row] for row in summary.iter(f"{SHEET}row")
        )
    }
    assert rows["Cảnh báo giám sát"] == "3"
    assert float(rows["Tỷ lệ báo giả"]) == 0.5
    assert rows["Tỷ lệ thời gian camera nhìn được"] == "chưa ghi nhận"
    (entry,) = centre.archive.log_of("report")
    assert (entry.action, entry.actor) == ("report_exported", "an")


def test_the_foot_of_a_desk(centre: Centre, desk: Desk) -> None:
    nothing = desk.get("/api/v1/report/desk").json()
    assert nothing["within_15_s_today"] is None
    assert nothing["false_rate_7_days"] is None
    answered(centre, desk)
    foot = desk.get("/api/v1/report/desk").json()
    assert foot == {
        "acknowledged_today": 2,
        "within_15_s_today": 0.5,
        "judged_7_days": 2,
        "false_rate_7_days": 0.5,
    }


def test_days_are_hanois() -> None:
    sixteen_utc = 1_795_536_000.0 - 1_795_536_000.0 % DAY_S + 16 * 3600
    assert midnight(sixteen_utc) == sixteen_utc - 23 * 3600
    assert midnight(sixteen_utc + 3600) == sixteen_utc + 3600
    assert bar_of(0, 2 * DAY_S) == 3600.0
    assert bar_of(0, 2 * DAY_S + 1) == DAY_S
