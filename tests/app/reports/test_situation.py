"""The situation report over HTTP: figures, comparison, words, versions, whose it is, its files."""

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from tests.app.incidents.test_incidents import act, of_alert, opened
from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]
DAY_S = 86_400.0
VIETNAMESE = {"Accept-Language": "vi"}
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def called(desk: Desk, kind: str, line: str = "113") -> None:
    body = {"kind": kind, "line": line, "caller": "0912345678"}
    answer = desk.post("/api/v1/calls", headers={"X-CSRF-Token": desk.csrf}, json=body)
    assert answer.status_code == 201, answer.text


def eventful(centre: Centre, desk: Desk) -> None:
    """A day long ago, yesterday with a fire and a hoax, today with three calls and an alert."""
    today, centre.clock.at = centre.clock.at, NOW - 9 * DAY_S
    called(desk, "enquiry")
    centre.clock.at = today - DAY_S - 60
    called(desk, "fire", "114")
    called(desk, "hoax")
    centre.clock.at = today
    for kind in ("fire", "rescue", "silent"):
        called(desk, kind)
    centre.raise_alert("cam-1", kind="smoke")


def told(desk: Desk, **asked: str) -> dict[str, Any]:
    answer = desk.get("/api/v1/situation", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def line(report: dict[str, Any], part: str, name: str) -> tuple[Any, list[Any]]:
    (found,) = [
        (one["value"], one["before"])
        for one in report["lines"]
        if (one["part"], one["name"]) == (part, name)
    ]
    return found


def write(desk: Desk, text: str, version: int, day: str = "2026-11-25") -> httpx.Response:
    body = {"day": day, "text": text, "version": version}
    return desk.put("/api/v1/situation/text", headers={"X-CSRF-Token": desk.csrf}, json=body)


def test_a_day_stands_beside_earlier_days(centre: Centre, desk: Desk) -> None:
    eventful(centre, desk)
    report = told(desk)
    assert [one["comparison"] for one in report["compared"]] == [
        "day_before",
        "week_before",
        "year_before",
    ]
    assert [one["known"] for one in report["compared"]] == [True, True, False]
    assert line(report, "incidents", "total") == (2, [1, 0, None])
    assert line(report, "incidents", "fire") == (1, [1, 0, None])
    assert line(report, "calls", "total") == (3, [2, 0, None])
    assert line(report, "calls", "line_114") == (0, [1, 0, None])
    assert line(report, "calls", "hoax") == (0, [1, 0, None])
    assert line(report, "alerts", "total") == (1, [0, 0, None])
    assert line(report, "alerts", "kind_smoke") == (1, [0, 0, None])
    assert line(report, "response", "dispatched") == (None, [None, None, None])


def verdicts(report: dict[str, Any], part: str, name: str) -> tuple[int, int, int]:
    """How many are confirmed, rejected, and judged by nobody; they add up to the count."""
    (found,) = [one for one in report["lines"] if (one["part"], one["name"]) == (part, name)]
    judged = found["verdicts"]
    assert found["value"] == sum(judged.values())
    return judged["confirmed"], judged["rejected"], judged["unjudged"]


def test_fires_that_nobody_confirmed_are_not_counted_as_fires(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    """Of alerts and of incidents alike, what is true, what is not and what is open stand apart."""
    centre.clock.at = NOW - 9 * DAY_S
    called(desk, "enquiry")  # the archive began long before
    centre.clock.at = NOW
    leader = desk_of("hai", Role.LEADER)
    names = {one: centre.raise_alert(f"cam-{one}", priority=1) for one in (1, 2, 3)}
    for one, verdict in ((1, "confirm"), (2, "reject")):
        assert leader.act(names[one], "acknowledge").status_code == 200
        why = {"reason": "other"} if verdict == "reject" else {}
        said = leader.act(names[one], verdict, 2, **why)
        assert said.status_code == 200, said.text
    centre.raise_alert("cam-1", kind="worker_lost")
    of_calls = [opened(desk, key=f"{n}", kind="fire") for n in range(4)]
    for found, ended in zip(of_calls, ("handled", "transferred", "hoax"), strict=False):
        closed = act(desk, found, "close", disposition=ended, report="Đã xử lý xong tại chỗ")
        assert closed.status_code == 200, closed.text
    report = told(desk)
    assert verdicts(report, "alerts", "total") == verdicts(report, "alerts", "kind_fire")
    assert verdicts(report, "alerts", "kind_fire") == (1, 1, 1)
    assert of_alert(desk, names[1])["state"] == "assessed"
    assert verdicts(report, "incidents", "fire") == (3, 2, 2)
    assert line(report, "incidents", "still_open")[0] == 3
    assert [one["verdicts"] for one in report["lines"] if one["name"] == "system"] == [None]
    centre.clock.at += DAY_S + 60
    (before,) = [one for one in told(desk)["lines"] if one["name"] == "kind_fire"]
    assert before["verdicts_before"][0] == {"confirmed": 1, "rejected": 1, "unjudged": 1}


def test_what_was_merged_counts_once(centre: Centre, desk: Desk) -> None:
    eventful(centre, desk)
    first, second = desk.get("/api/v1/incidents").json()["items"][:2]
    headers = {
        "X-CSRF-Token": desk.csrf,
        "Idempotency-Key": "join",
        "If-Match": str(first["version"]),
    }
    body = {"type": "incident", "id": second["id"]}
    path = f"/api/v1/incidents/{first['id']}/join"
    assert desk.post(path, headers=headers, json=body).status_code == 200
    assert line(told(desk), "incidents", "total")[0] == 1


def test_screen_paper_and_workbook_say_the_same(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    eventful(centre, desk)
    leader = desk_of("hai", Role.LEADER)
    assert write(leader, "Tình hình ổn định.\nTăng cường tuần tra.", 0).status_code == 200
    centre.clock.at += 3  # names of people are read again
    screen = told(desk)
    book = desk.get("/api/v1/situation/export.xlsx", headers=VIETNAMESE)
    paper = desk.get("/api/v1/situation/export.pdf")
    assert (book.status_code, paper.status_code) == (200, 200)
    rows = _rows(book.content)
    pages = PdfReader(io.BytesIO(paper.content)).pages
    printed = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert len(rows) == len(screen["lines"]) + 1
    for shown, row in zip(screen["lines"], rows[1:], strict=True):
        assert row[2:] == [_whole(one) for one in _figures(shown)]
        assert f"{row[1]} {_printed(shown)}" in printed
    assert "Tình hình ổn định. Tăng cường tuần tra. (Đồng chí hai," in printed
    assert "Tình hình trong ngày 25/11/2026" in printed
    assert "cùng kỳ năm trước: chưa có số liệu" in printed
    actions = [entry.action for entry in centre.archive.log_of("report")]
    assert actions == ["report_exported"] * 2


def _figures(shown: dict[str, Any]) -> list[float | None]:
    """A line of the screen in the columns of the workbook."""
    judged, before = (
        shown["verdicts"] or {},
        zip(shown["before"], shown["verdicts_before"], strict=True),
    )
    own = [judged.get(one) for one in ("confirmed", "unjudged", "rejected")]
    earlier = [[(ended or {}).get("confirmed"), count] for count, ended in before]
    return [*own, shown["value"], *(one for pair in earlier for one in pair)]


def _printed(shown: dict[str, Any]) -> str:
    """The same line as the paper has it."""
    confirmed, unjudged, rejected, value, *earlier = (_whole(one) or "—" for one in _figures(shown))
    is_judged = shown["part"] in ("incidents", "alerts")
    before = [
        count if true == "—" else f"{true}/{count}"
        for true, count in zip(earlier[::2], earlier[1::2], strict=True)
    ]
    return " ".join([*((confirmed, unjudged, rejected) if is_judged else ()), value, *before])


def _whole(number: float | None) -> str:
    return "" if number is None else str(number).removesuffix(".0")


def _rows(workbook: bytes) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 our own
    return [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{SHEET}row")]


def test_the_leaders_words_are_kept_in_versions(centre: Centre, desk_of: MakeDesk) -> None:
    one, other = desk_of("hai", Role.LEADER), desk_of("ba", Role.LEADER)
    assert write(one, "Bản một", 0).json()["text"]["version"] == 1
    stale = write(other, "Không đọc bản một", 0)
    assert (stale.status_code, stale.json()["error"]) == (409, "situation_text_changed")
    assert "Đồng chí hai" in stale.json()["detail"]
    assert write(other, "Bản hai", 1).status_code == 200
    assert write(one, "", 2).json()["text"] is None
    items = one.get("/api/v1/situation/texts", params={"day": "2026-11-25"}).json()["items"]
    assert [(each["version"], each["text"], each["by"]["username"]) for each in items] == [
        (3, "", "hai"),
        (2, "Bản hai", "ba"),
        (1, "Bản một", "hai"),
    ]
    assert centre.archive.verify_chain().ok


def test_an_agency_sees_its_own_figures_and_words(centre: Centre, desk_of: MakeDesk) -> None:
    csgt = DataFilter(agencies=frozenset({"csgt"}))
    chief, theirs = desk_of("hai", Role.LEADER), desk_of("tam", Role.LEADER, csgt)
    agency = desk_of("csgt", Role.AGENCY, csgt)
    centre.raise_alert("cam-1")
    centre.raise_alert("cam-2")
    called(chief, "fire")
    assert write(chief, "Chỉ nội bộ", 0).status_code == 200
    report = told(agency)
    assert line(report, "alerts", "total")[0] == 1
    assert line(report, "incidents", "total")[0] == 0
    assert line(report, "calls", "total")[0] == 0
    assert report["text"] is None
    assert write(theirs, "Của CSGT", 0).status_code == 200
    assert told(agency)["text"]["text"] == "Của CSGT"
    assert told(chief)["text"]["text"] == "Chỉ nội bộ"
    assert "Chỉ nội bộ" not in agency.get("/api/v1/situation/texts").text


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"day": "2026-11-26"}, "situation_ahead"),
        ({"day": "1999-12-31"}, "situation_too_early"),
        ({"day": "hôm qua"}, "invalid_input"),
        ({"day": "9999-12-31", "period": "year"}, "situation_ahead"),
        ({"period": "week"}, "invalid_input"),
    ],
)
def test_a_day_that_is_none_is_refused(desk: Desk, asked: dict[str, str], error: str) -> None:
    answer = desk.get("/api/v1/situation", params=asked)
    assert (answer.status_code, answer.json()["error"]) == (422, error)


def test_every_line_has_words_in_both_languages(desk: Desk) -> None:
    for language in ("vi", "en"):
        headers = {"Accept-Language": language}
        rows = _rows(desk.get("/api/v1/situation/export.xlsx", headers=headers).content)
        assert [row[1] for row in rows if "_" in row[1] or not row[1]] == []
