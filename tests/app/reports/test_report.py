"""The report and the desk's foot over HTTP: periods, scopes, workbook, paper."""

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.coverage.coverage import CameraVisibility
from thapcanh.alerts.coverage.coverage_store import CoverageRepository
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.query_types import DAY_S, bar_of, midnight

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


def _printed(content: bytes) -> str:
    """All that a PDF says, on one line."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_screen_paper_workbook_and_csv_say_the_same(centre: Centre, desk: Desk) -> None:
    answered(centre, desk)
    record = CoverageRepository(centre.archive.database)
    seeing = CameraVisibility(state="online", reason=None, picture="ok", sees=True)
    blind = CameraVisibility(state="backoff", reason="unreachable", picture=None, sees=False)
    for at, sight in ((0, seeing), (20, blind), (40, seeing)):
        record.note({"cam-1": sight}, centre.clock.at - 60 + at)
    vietnamese = {"Accept-Language": "vi"}
    screen = desk.get("/api/v1/report", params=DAY).json()
    book = desk.get("/api/v1/report/export.xlsx", params=DAY, headers=vietnamese)
    text = desk.get("/api/v1/report/export.csv", params=DAY, headers=vietnamese)
    paper = desk.get("/api/v1/report/export.pdf", params=DAY)
    assert (book.status_code, text.status_code, paper.status_code) == (200, 200, 200)
    printed = _printed(paper.content)
    names, workbook = _summary(book.content)
    assert names[:3] == ["Tổng hợp", "Theo loại", "Theo khu vực"]
    table = {row[0]: row[1] for row in csv.reader(io.StringIO(text.content.decode("utf-8-sig")))}
    said: dict[str, float] = {
        "Cảnh báo giám sát": screen["watch"]["total"],
        "Thật": screen["watch"]["confirmed"],
        "Báo giả": screen["watch"]["rejected"],
        "Chưa kết luận": screen["watch"]["unjudged"],
        "Tỷ lệ báo giả": screen["watch"]["false_rate"],
        "Chưa ai trả lời": screen["unanswered"],
        "Nhận trong 15 giây": screen["acknowledge"]["within_15_s"],
        "Thời gian tiếp nhận, trung vị (giây)": round(screen["acknowledge"]["median_s"], 1),
        "Tỷ lệ thời gian camera nhìn được": screen["coverage"]["share"],
    }
    for name, value in said.items():
        assert float(workbook[name]) == pytest.approx(value, abs=1e-3), name
        assert float(table[name]) == pytest.approx(value, abs=1e-3), name
        is_share = isinstance(value, float) and "giây)" not in name
        assert f"{name} {_as_printed(value, is_share=is_share)}" in printed, name
    assert said["Tỷ lệ thời gian camera nhìn được"] == pytest.approx(0.5)
    assert screen["coverage"]["worst"][0]["outages"] == 1
    actions = [(entry.action, entry.actor) for entry in centre.archive.log_of("report")]
    assert actions == [("report_exported", "an")] * 3


def _as_printed(value: float, *, is_share: bool) -> str:
    """With a decimal comma; shares in percent."""
    shown = f"{value * 100:.1f}" if is_share else f"{value:.1f}"
    whole = shown.removesuffix(".0").replace(".", ",")
    return f"{whole} %" if is_share else whole


def test_what_was_not_recorded_is_said_alike(centre: Centre, desk: Desk) -> None:
    headers = {"Accept-Language": "vi"}
    assert desk.get("/api/v1/report", params=DAY).json()["coverage"]["share"] is None
    _, book = _summary(desk.get("/api/v1/report/export.xlsx", params=DAY, headers=headers).content)
    assert book["Tỷ lệ thời gian camera nhìn được"] == "chưa ghi nhận"
    printed = _printed(desk.get("/api/v1/report/export.pdf", params=DAY).content)
    assert "Tỷ lệ thời gian camera nhìn được chưa ghi nhận" in printed


def test_a_shift_is_told_what_its_officer_did(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    inherited, mine = centre.raise_alert("cam-1"), centre.raise_alert("cam-2")
    desk.post("/api/v1/shift/take", json={}, headers={"X-CSRF-Token": desk.csrf})
    desk.act(inherited, "acknowledge")
    centre.clock.at += 60
    other = desk_of("chi", Role.OPERATOR)
    headers = {"X-CSRF-Token": other.csrf}
    assert other.post("/api/v1/shift/take", json={}, headers=headers).status_code == 200
    assert other.act(inherited, "claim", 2).status_code == 200  # who takes over a fire
    centre.clock.at += 5
    fresh = centre.raise_alert("cam-3", priority=1)
    other.act(fresh, "acknowledge")
    other.act(fresh, "reject", 2, reason="welding")
    other.act(mine, "acknowledge")
    other.act(mine, "confirm", 2)
    other.act(mine, "close", 3)
    shifts = desk.get("/api/v1/shift/recent").json()["items"]
    ids = {shift["person"]["username"]: shift["id"] for shift in shifts}
    span = {"since": str(NOW - 60), "until": str(NOW + 600)}
    report = desk.get("/api/v1/report", params=span | {"shift": ids["chi"]}).json()
    assert report["shift"] == {
        "inherited": 2, "answered": 2, "taken_over": 1, "confirmed": 1, "rejected": 0,
        "proposed": 1, "closed": 1, "handed_on": 0,
    }  # fmt: skip
    first = desk.get("/api/v1/report", params=span | {"shift": ids["an"]}).json()["shift"]
    assert (first["answered"], first["confirmed"]) == (1, 0)
    _, book = _summary(
        desk.get(
            "/api/v1/report/export.xlsx",
            params=span | {"shift": ids["chi"]},
            headers={"Accept-Language": "vi"},
        ).content
    )
    assert book["Ca trực: Nhận từ ca trước"] == "2"
    paper = desk.get("/api/v1/report/export.pdf", params=span | {"shift": ids["chi"]})
    printed = _printed(paper.content)
    assert "Kết quả ca trực từ" in printed
    assert "Ca trực: Nhận từ ca trước 2" in printed
    nobody = desk.get("/api/v1/report", params=span | {"shift": "no-such"})
    assert nobody.status_code == 404


def _summary(workbook: bytes) -> tuple[list[str | None], dict[str, str]]:
    """The names of a workbook's sheets, and the rows of the first."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        names = [
            sheet.get("name")
            for sheet in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")  # noqa: S314
        ]
        summary = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 our own
    rows = (["".join(cell.itertext()) for cell in row] for row in summary.iter(f"{SHEET}row"))
    return names, {cells[0]: cells[1] for cells in rows}


def test_what_a_handover_gives_counts_in_the_next_shift(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    """It was given a moment before the shift began, and stood in nobody's report."""
    other = desk_of("chi", Role.OPERATOR)
    desk.post("/api/v1/shift/take", json={}, headers={"X-CSRF-Token": desk.csrf})
    desk.act(centre.raise_alert("cam-1"), "acknowledge")
    centre.clock.at += 60
    sheet = desk.post(
        "/api/v1/shift/handover", json={"to": "chi"}, headers={"X-CSRF-Token": desk.csrf}
    )
    path = f"/api/v1/shift/handover/{sheet.json()['id']}/accept"
    assert other.post(path, json={}, headers={"X-CSRF-Token": other.csrf}).status_code == 200
    shifts = other.get("/api/v1/shift/recent").json()["items"]
    ids = {shift["person"]["username"]: shift["id"] for shift in shifts}
    span = {"since": str(NOW - 60), "until": str(NOW + 600)}
    told = {
        name: desk.get("/api/v1/report", params=span | {"shift": shift}).json()["shift"]
        for name, shift in ids.items()
    }
    assert (told["chi"]["inherited"], told["chi"]["taken_over"]) == (1, 1)
    assert (told["an"]["answered"], told["an"]["handed_on"]) == (1, 1)


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
