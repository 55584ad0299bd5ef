"""History: search without marks, filters, counts, exports within one's sight, case folders."""

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable

import httpx
import pytest

from tests.app.calls.test_calls import place_cameras
from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import ordered
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.alert import history_routes

MakeDesk = Callable[..., Desk]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def numbers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def named_camera(centre: Centre, name: str) -> None:
    """The first camera gets a name; alerts raised from now on carry it."""
    site = centre.site()
    first = site.cameras[0].model_copy(update={"name": name})
    centre.site.replace(site.model_copy(update={"cameras": (first, *site.cameras[1:])}))


@pytest.mark.parametrize("typed", ["hoà", "HÒA", "hoa", "dong da", "ĐỐNG", "đống hoà"])
def test_search_minds_neither_marks_nor_case(centre: Centre, desk: Desk, typed: str) -> None:
    named_camera(centre, "Đống Đa, phố Hoà Mã")
    wanted = centre.raise_alert("cam-1")
    centre.raise_alert("cam-2")
    assert numbers(desk.get("/api/v1/alerts", params={"q": typed})) == [wanted]


def test_each_word_of_a_search_must_occur_the_best_match_first(centre: Centre, desk: Desk) -> None:
    named_camera(centre, "Hoàn Kiếm, cột 7")
    intruder = centre.raise_alert("cam-1", "intrusion")
    fire = centre.raise_alert("cam-1")
    other_fire = centre.raise_alert("cam-2")
    person = centre.raise_alert("cam-2", "intrusion")

    def found(q: str) -> list[str]:
        return numbers(desk.get("/api/v1/alerts", params={"q": q}))

    assert found("cháy") == [other_fire, fire]
    assert found("hoàn kiếm") == [fire, intruder]
    assert found("hoàn kiếm cháy") == [fire]
    assert found("kiem chay cot") == [fire]
    assert found("cot kiế") == [fire, intruder]  # a part of a word, and a whole one
    assert person not in found("hoàn kiếm")
    count = desk.get("/api/v1/history/count", params={"q": "cháy"})
    assert count.json() == {"count": 2, "more": False}
    by_page: list[str] = []
    query = {"q": "cháy", "limit": "1"}
    while True:
        page = desk.get("/api/v1/alerts", params=query).json()
        by_page += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert by_page == [other_fire, fire]


@pytest.mark.parametrize(
    ("begins", "ends", "is_found"),
    [
        ("08:00", "09:00", True),  # the centre's clock stands at 08:26 in Vietnam
        ("09:00", "23:59", False),
        ("22:00", "06:00", False),
        ("09:00", "08:30", True),  # over midnight
        ("", "08:00", False),
        ("08:00", "", True),
    ],
)
def test_a_time_of_day_narrows_the_history(
    centre: Centre, desk: Desk, begins: str, ends: str, is_found: bool
) -> None:
    alert = centre.raise_alert("cam-1")
    asked = {"clock_from": begins, "clock_until": ends}
    query = {name: value for name, value in asked.items() if value}
    assert numbers(desk.get("/api/v1/alerts", params=query)) == ([alert] if is_found else [])


def test_the_history_near_a_place_leaves_out_the_rest(centre: Centre, desk: Desk) -> None:
    place_cameras(centre)
    alert = centre.raise_alert("cam-1")
    (found,) = desk.get("/api/v1/alerts").json()["items"]
    near, far = f"{found['lat'] + 0.002},{found['lon']}", f"{found['lat'] + 0.003},{found['lon']}"
    assert numbers(desk.get("/api/v1/alerts", params={"near": near})) == [alert]
    assert numbers(desk.get("/api/v1/alerts", params={"near": far})) == []
    for wrong in ("21", "21,x", "91,105", "21,105,1"):
        assert desk.get("/api/v1/alerts", params={"near": wrong}).status_code == 422
    assert desk.get("/api/v1/alerts", params={"clock_from": "24:00"}).status_code == 422


@pytest.mark.parametrize("sort", ["raised_at", "kind", "camera", "agency", "answered", "outcome"])
def test_every_column_sorts_both_ways_page_by_page(
    standing_centre: Centre, standing_desk: Desk, sort: str
) -> None:
    if standing_centre.seq == 0:
        for number in range(5):
            alert = standing_centre.raise_alert(
                f"cam-{1 + number % 3}", "fire" if number % 2 else "crowd", priority=2
            )
            standing_centre.clock.at += 1 + number
            if number < 3:
                standing_desk.act(alert, "acknowledge")
        standing_desk.act(alert, "acknowledge")
        standing_desk.act(alert, "reject", 2, reason="fog")

    def paged(order: str) -> list[str]:
        query, found = {"sort": order, "limit": "2"}, list[str]()
        while True:
            page = standing_desk.get("/api/v1/alerts", params=query).json()
            found += [item["id"] for item in page["items"]]
            if page["next"] is None:
                return found
            query["cursor"] = page["next"]

    up, down = paged(sort), paged(f"-{sort}")
    assert len(set(up)) == len(up) == len(set(down)) == 5
    assert up != down
    whole = standing_desk.get("/api/v1/alerts", params={"sort": sort}).json()["items"]
    assert [item["id"] for item in whole] == up
    if sort == "camera":
        assert [item["camera"] for item in whole] == sorted(item["camera"] for item in whole)


def test_a_cursor_of_another_order_is_refused(centre: Centre, desk: Desk) -> None:
    for _ in range(3):
        centre.raise_alert()
    query = {"sort": "camera", "limit": "1"}
    cursor = desk.get("/api/v1/alerts", params=query).json()["next"]
    for sort in ("raised_at", "answered"):
        answer = desk.get("/api/v1/alerts", params={"sort": sort, "cursor": cursor})
        assert answer.status_code == 422, sort
    assert desk.get("/api/v1/alerts", params={"sort": "secret"}).status_code == 422


def test_search_finds_numbers_and_notes_and_takes_percent_as_a_letter(
    centre: Centre, desk: Desk
) -> None:
    first, second = centre.raise_alert("cam-1"), centre.raise_alert("cam-2")
    assert desk.act(first, "acknowledge").status_code == 200
    said = {"reason": "votive_paper", "note": "Đốt vàng mã 100% trước cửa"}
    assert desk.act(first, "reject", 2, **said).status_code == 200
    number = desk.get(f"/api/v1/alerts/{second}").json()["number"]
    assert numbers(desk.get("/api/v1/alerts", params={"q": "VANG MA"})) == [first]
    assert numbers(desk.get("/api/v1/alerts", params={"q": "100%"})) == [first]
    assert numbers(desk.get("/api/v1/alerts", params={"q": "%"})) == [first]
    assert numbers(desk.get("/api/v1/alerts", params={"q": number[-6:]})) == [second]


def test_filters_by_area_agency_outcome_and_reason(centre: Centre, desk: Desk) -> None:
    first, second = centre.raise_alert("cam-1"), centre.raise_alert("cam-2")
    desk.act(first, "acknowledge")
    desk.act(first, "reject", 2, reason="steam")

    def found(**query: str) -> list[str]:
        return numbers(desk.get("/api/v1/alerts", params=query))

    assert found(area="hoan-kiem") == [first]
    assert found(agency="csgt") == [second]
    assert found(outcome="rejected") == [first]
    assert found(outcome="none") == [second]
    assert found(outcome="confirmed") == []
    assert found(reject_reason="steam") == [first]
    assert found(reject_reason="fog") == []
    assert desk.get("/api/v1/alerts", params={"outcome": "maybe"}).status_code == 422


def test_the_count_stops_at_its_limit(
    centre: Centre, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        centre.raise_alert()
    assert desk.get("/api/v1/history/count").json() == {"count": 3, "more": False}
    monkeypatch.setattr(history_routes, "COUNT_UP_TO", 2)
    assert desk.get("/api/v1/history/count").json() == {"count": 2, "more": True}


def test_csv_holds_what_may_be_seen_with_bom_and_without_formulas(
    centre: Centre, desk_of: MakeDesk
) -> None:
    named_camera(centre, '=HYPERLINK("http://evil")')
    centre.raise_alert("cam-1")
    centre.raise_alert("cam-2")
    agency = desk_of("pc", Role.AGENCY, DataFilter(agencies=frozenset({"pc07"})))
    answer = agency.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"})
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["content-disposition"]
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    (row,) = table
    assert row["Camera"].startswith("'=HYPERLINK")
    assert (row["Khu vực"], row["Đơn vị"]) == ("Hoàn Kiếm", "PCCC")
    assert row["Loại"] == "Nghi cháy · lửa"


def test_notes_are_exported_in_order_and_are_no_formulas(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert()
    desk.act(alert, "acknowledge", note="-1+1")
    desk.act(alert, "reject", 2, reason="fog", note="sương mù")
    text = desk.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"}).content
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert row["Ghi chú"] == "'-1+1 | sương mù"


def test_a_time_in_the_table_has_its_name_also_when_the_lease_ran_out(
    centre: Centre, desk: Desk
) -> None:
    alert = centre.raise_alert(priority=1)
    desk.act(alert, "acknowledge")
    centre.clock.at += 130
    assert centre.archive.expire_leases(centre.clock.at) == [alert]
    text = desk.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"}).content
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert row["Nhận lúc (giờ trung tâm)"] != ""
    assert row["Người nhận"] == "Đồng chí an"
    assert row["Đang do ai xử lý"] == ""


def test_a_confirmed_fire_is_no_suspicion_in_the_table(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert()
    desk.act(alert, "acknowledge")
    desk.act(alert, "confirm", 2)
    desk.act(alert, "close", 3)
    text = desk.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"}).content
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert (row["Loại"], row["Trạng thái"]) == ("Cháy · lửa", "Đã đóng")


def test_xlsx_holds_texts_as_texts(centre: Centre, desk: Desk) -> None:
    named_camera(centre, "=1+1 <b>&")
    centre.raise_alert("cam-1")
    answer = desk.get("/api/v1/history/export.xlsx", headers={"Accept-Language": "en"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert book.testzip() is None
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 our own
        for name in book.namelist():
            ET.fromstring(book.read(name))  # noqa: S314 every part is well-formed
    cells = [cell for cell in sheet.iter(f"{SHEET}c") if "".join(cell.itertext()) == "=1+1 <b>&"]
    (cell,) = cells
    assert cell.get("t") == "inlineStr"
    assert not list(sheet.iter(f"{SHEET}f"))


def test_an_export_is_in_the_log_before_it_is_sent(centre: Centre, desk: Desk) -> None:
    centre.raise_alert()
    desk.get("/api/v1/history/export.csv", params={"kind": "fire"})
    (entry,) = centre.archive.log_of("history")
    assert (entry.action, entry.actor) == ("history_exported", "an")
    assert entry.details == {"form": "csv", "rows": 1, "filter": {"kinds": ["fire"]}}


def test_an_export_that_is_too_large_is_refused(
    centre: Centre, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.raise_alert()
    centre.raise_alert()
    monkeypatch.setattr(history_routes, "MOST_ROWS", 1)
    answer = desk.get("/api/v1/history/export.csv")
    assert (answer.status_code, answer.json()["error"]) == (422, "export_too_large")
    assert centre.archive.log_of("history") == []


def test_a_viewer_takes_nothing_away(centre: Centre, desk_of: MakeDesk) -> None:
    alert = centre.raise_alert()
    viewer = desk_of("xem", Role.VIEWER)
    for path in ("history/export.csv", "history/export.xlsx"):
        assert viewer.get(f"/api/v1/{path}").status_code == 403
    assert ordered(viewer, what="case", alert=alert).status_code == 403


def test_alerts_of_a_watch_area_are_marked_and_listed(centre: Centre, desk: Desk) -> None:
    area = "watch-0123456789ab"
    own = centre.raise_alert("cam-1", "crowd", rule_id=f"{area}.2")
    centre.raise_alert("cam-2", "crowd")
    listed = desk.get("/api/v1/alerts", params={"watch_area": area})
    assert numbers(listed) == [own]
    assert listed.json()["items"][0]["watch_area"] == area
    counted = desk.get("/api/v1/history/count", params={"watch_area": area}).json()
    assert counted["count"] == 1
    every = desk.get("/api/v1/alerts").json()["items"]
    assert [item["watch_area"] for item in every] == [None, area]
    assert desk.get("/api/v1/alerts", params={"watch_area": "gate' OR 1"}).status_code == 422
