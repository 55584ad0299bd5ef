"""Facilities over HTTP: kept, found, near a place, of their agency; documents; lists as files."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import openpyxl
import pytest

from tests.app.web_api.centre import Centre, Desk
from tests.made_pdf import made_pdf
from thapcanh.alerts.evidence.consistency import verify_everything
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]
MARKET: dict[str, Any] = {
    "name": "Chợ Đồng Xuân",
    "kind": "market",
    "place": {"lat": 21.0380, "lon": 105.8493, "text": "Phố Đồng Xuân, Hoàn Kiếm"},
    "contacts": [{"name": "Bảo vệ", "phone": "024 3828 2170", "hours": "cả ngày"}],
    "floors": 3,
    "hazards": ["vải", "bình gas"],
}
PDF = made_pdf("plan of the market")


def ask(desk: Desk, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf}
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    return desk.request(method, f"/api/v1/facilities{path}", headers=headers, **sent, **more)


def names_of(answer: httpx.Response) -> list[str]:
    return [one["name"] for one in answer.json()["items"]]


def test_a_facility_is_kept_found_without_marks_changed_and_taken_away(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    made = ask(desk, "POST", "", MARKET)
    assert made.status_code == 201
    mine = f"/{made.json()['id']}"
    assert names_of(desk.get("/api/v1/facilities?q=cho dong x")) == ["Chợ Đồng Xuân"]
    assert names_of(desk.get("/api/v1/facilities?q=ong xuan")) == []
    kept = desk.get(f"/api/v1/facilities{mine}").json()
    assert kept["contacts"][0]["phone"] == "024 3828 2170"
    assert (kept["place"]["text"], kept["floors"], kept["hazards"]) == (
        "Phố Đồng Xuân, Hoàn Kiếm",
        3,
        ["vải", "bình gas"],
    )
    assert ask(desk, "PATCH", mine, {"floors": 4, "access": "cổng Hàng Khoai"}).status_code == 204
    kept = desk.get(f"/api/v1/facilities{mine}").json()
    assert (kept["floors"], kept["access"], kept["name"]) == (4, "cổng Hàng Khoai", MARKET["name"])
    assert ask(desk, "DELETE", mine).status_code == 403
    leader = desk_of("ld", Role.LEADER)
    assert ask(leader, "DELETE", mine).status_code == 204
    assert desk.get(f"/api/v1/facilities{mine}").status_code == 404
    assert names_of(desk.get("/api/v1/facilities")) == []
    assert centre.archive.verify_chain().ok


def test_a_kind_is_kept_as_one_whatever_it_is_called(desk: Desk) -> None:
    published = desk.get("/api/v1/site").json()["facility_kinds"]
    assert published["market"] == {
        "vi": "Chợ, trung tâm thương mại",
        "en": "Market, shopping centre",
    }
    for said in ("market", "Chợ", *published["market"].values()):
        made = ask(desk, "POST", "", MARKET | {"kind": said}).json()["id"]
        assert desk.get(f"/api/v1/facilities/{made}").json()["kind"] == "market"
    made = ask(desk, "POST", "", MARKET | {"kind": "bến thuyền"}).json()["id"]
    assert desk.get(f"/api/v1/facilities/{made}").json()["kind"] == "bến thuyền"


def test_the_nearest_come_first_by_their_outline_and_none_from_too_far(desk: Desk) -> None:
    lat, lon = 21.03, 105.85
    for name, north in (("gần", 0.0005), ("xa", 0.0030), ("nhì", 0.0010)):
        place = {"lat": lat + north, "lon": lon}
        ask(desk, "POST", "", {"name": name, "kind": "kho", "place": place})
    hall = {
        "lat": lat + 0.004,
        "lon": lon,
        "outline": [
            (lat - 0.0001, lon - 0.001), (lat - 0.0001, lon + 0.001),
            (lat + 0.008, lon + 0.001), (lat + 0.008, lon - 0.001),
        ],
    }  # fmt: skip
    assert ask(desk, "POST", "", {"name": "quanh", "kind": "kho", "place": hall}).is_success
    found = desk.get(f"/api/v1/facilities?lat={lat}&lon={lon}&within_m=150").json()["items"]
    assert [(one["name"], one["distance_m"]) for one in found] == [
        ("quanh", 0.0),
        ("gần", 55.6),
        ("nhì", 111.2),
    ]


def test_wrong_positions_are_named(desk: Desk) -> None:
    for place, error in (
        ({"lat": 0, "lon": 0}, "position_zero"),
        ({"lat": 48.85, "lon": 2.35}, "position_abroad"),
        ({"lat": 17.97, "lon": 102.6}, "position_abroad"),
        ({"lat": 21.0}, "half_a_point"),
        (
            {"lat": 21, "lon": 105.8, "outline": [(21, 105.8), (21, 106), (22, 105)]},
            "facility_outline",
        ),
    ):
        refused = ask(desk, "POST", "", MARKET | {"place": place})
        assert (refused.status_code, refused.json()["error"]) == (422, error)
    for place in (
        {"lat": 22.98, "lon": 105.4},
        {"lat": 8.68, "lon": 106.6},
        {"lat": 10.29, "lon": 103.98},
    ):
        assert ask(desk, "POST", "", MARKET | {"place": place}).status_code == 201


def test_another_agencys_facility_is_not_there(desk: Desk, desk_of: MakeDesk) -> None:
    leader = desk_of("ld", Role.LEADER)
    made = ask(leader, "POST", "", MARKET | {"agency": "csgt"}).json()["id"]
    paper = ask(leader, "POST", f"/{made}/documents?name=x", PDF).json()["id"]
    other = desk_of("pc", Role.LEADER, DataFilter(agencies=frozenset({"pc07"})))
    assert names_of(other.get("/api/v1/facilities?lat=21.038&lon=105.8493")) == []
    for method, path, body in (
        ("GET", f"/{made}", None),
        ("PATCH", f"/{made}", {"floors": 1}),
        ("DELETE", f"/{made}", None),
        ("POST", f"/{made}/documents?name=x", PDF),
        ("GET", f"/{made}/documents/{paper}", None),
        ("DELETE", f"/{made}/documents/{paper}", None),
    ):
        assert ask(other, method, path, body).status_code == 404, path
    mine = ask(other, "POST", "", MARKET).json()["id"]
    assert other.get(f"/api/v1/facilities/{mine}").json()["agency"] == "pc07"
    assert ask(other, "PATCH", f"/{mine}", {"agency": "csgt"}).status_code == 403


def test_a_plan_is_what_its_bytes_are_and_stays_as_it_was(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    made = ask(desk, "POST", "", MARKET).json()["id"]
    path = f"/{made}/documents"
    for content, error in ((b"<html><script>", "document_kind"), (b"", "document_empty")):
        refused = ask(desk, "POST", f"{path}?name=anh.jpg", content)
        assert (refused.status_code, refused.json()["error"]) == (422, error)
    large = made_pdf("x" * (1 << 20))
    kept = ask(desk, "POST", f"{path}?name=Tầng 1&inspected_on=2026-05-04", large)
    assert kept.status_code == 201
    told = desk.get(f"/api/v1/facilities/{made}").json()["documents"]
    assert [(one["name"], one["inspected_on"], one["media_type"]) for one in told] == [
        ("Tầng 1", "2026-05-04", "application/pdf")
    ]
    opened = desk.get(told[0]["url"])
    assert opened.content == large
    assert opened.headers["x-content-type-options"] == "nosniff"
    assert verify_everything(centre.archive.database, FolderStore(centre.evidence_root)).ok
    leader = desk_of("ld", Role.LEADER)
    assert ask(leader, "DELETE", f"{path}/{told[0]['id']}").status_code == 204
    assert desk.get(told[0]["url"]).status_code == 404
    assert verify_everything(centre.archive.database, FolderStore(centre.evidence_root)).ok


def test_a_list_is_tried_first_and_each_wrong_line_is_named(desk: Desk, desk_of: MakeDesk) -> None:
    leader = desk_of("ld", Role.LEADER)
    wrong = (
        "K2,Kho,kho,0,0,,,\n"
        "K3,Kho,kho,105.8,21.0,,,\n"
        "K4,,kho,21.0,105.8,,,\n"
        "K5,Kho,kho,21.0,,,,\n"
        "K6,Kho,kho,21.0,105.8,1000,,\n"
        "K7,Kho,kho,21.0,105.8,2,không số | abc,\n"
        "K1,Kho,kho,21.0,105.8,2,,\n"
    )
    right = 'K1,Kho vải,Kho,21.0,"105,8",2,"Bà Tư | 0912345678 | chủ | đêm; Ông Năm",vải; sơn\n'
    text = f"Mã,Tên,Loại,Vĩ độ,Kinh độ,Số tầng,Liên hệ,Nguy hiểm\n{right}{wrong}".encode()
    tried = ask(leader, "POST", "/import?format=csv&dry_run=true", text).json()
    assert (tried["added"], tried["imported"], len(tried["problems"])) == (1, False, 7)
    assert [one["line"] for one in tried["problems"]] == [3, 4, 5, 6, 7, 8, 9]
    assert "Việt Nam" in tried["problems"][1]["message"]
    assert not ask(leader, "POST", "/import?format=csv", text).json()["imported"]
    assert names_of(desk.get("/api/v1/facilities")) == []
    done = ask(leader, "POST", "/import?format=csv&skip_wrong=true", text).json()
    assert (done["added"], done["imported"], len(done["problems"])) == (1, True, 7)
    again = ask(leader, "POST", "/import?format=csv&skip_wrong=true", text).json()
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 1)
    [kept] = desk.get("/api/v1/facilities?q=kho vai").json()["items"]
    assert (kept["kind"], kept["hazards"], kept["contacts"][1]["name"]) == (
        "warehouse",
        ["vải", "sơn"],
        "Ông Năm",
    )
    changed = text.replace("Kho vải".encode(), "Kho giấy".encode())
    assert ask(leader, "POST", "/import?format=csv&skip_wrong=true", changed).json()["changed"] == 1
    assert names_of(desk.get("/api/v1/facilities")) == ["Kho giấy"]


def test_a_facility_whose_ward_was_named_anew_stays_the_one_of_its_code(
    desk_of: MakeDesk,
) -> None:
    """Wards were joined: the list with their new names doubles nothing."""
    leader = desk_of("chief", Role.LEADER)
    for area, counts in (("hoan-kiem", [1, 0]), ("tay-ho", [0, 1]), ("tay-ho", [0, 0])):
        text = f"code,name,kind,agency,area\nK-9,Kho Bắc Sơn,kho,pc07,{area}\n".encode()
        told = ask(leader, "POST", "/import?format=csv", text).json()
        assert [told["added"], told["changed"]] == counts, told
    (item,) = leader.get("/api/v1/facilities?q=kho bac son").json()["items"]
    assert item["area"] == "tay-ho"


def test_a_code_in_a_ward_that_the_importer_cannot_see_is_not_doubled(desk_of: MakeDesk) -> None:
    pc07 = frozenset({"pc07"})
    whole = desk_of("chief", Role.LEADER, DataFilter(agencies=pc07))
    ward = desk_of("ward", Role.LEADER, DataFilter(agencies=pc07, areas=frozenset({"tay-ho"})))
    header = "code,name,kind,agency,area\n"
    there = f"{header}K-9,Kho Bắc Sơn,kho,pc07,hoan-kiem\n".encode()
    assert ask(whole, "POST", "/import?format=csv", there).json()["added"] == 1
    text = f"{header}K-8,Kho mới,kho,pc07,tay-ho\nK-9,Kho Bắc Sơn,kho,pc07,tay-ho\n".encode()
    tried = ask(ward, "POST", "/import?format=csv&dry_run=true", text).json()
    assert (tried["added"], [one["line"] for one in tried["problems"]]) == (1, [3])
    assert "“K-9”" in tried["problems"][0]["message"]
    assert not ask(ward, "POST", "/import?format=csv", text).json()["imported"]
    assert ask(ward, "POST", "/import?format=csv&skip_wrong=true", text).json()["added"] == 1
    assert names_of(whole.get("/api/v1/facilities")) == ["Kho Bắc Sơn", "Kho mới"]
    csgt = desk_of("gt", Role.LEADER, DataFilter(agencies=frozenset({"csgt"})))
    other = there.replace(b"pc07", b"csgt")
    assert ask(csgt, "POST", "/import?format=csv", other).json()["added"] == 1


def test_a_workbook_and_a_geojson_file_say_the_same(desk: Desk, desk_of: MakeDesk) -> None:
    leader = desk_of("ld", Role.LEADER)
    ring = [[105.80, 21.00], [105.801, 21.00], [105.801, 21.001], [105.80, 21.001], [105.80, 21.00]]
    feature = {
        "type": "Feature",
        "properties": {"name": "Nhà máy 1", "kind": "nhà máy", "hazards": ["khí"], "osm_id": 4},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    answer = ask(leader, "POST", "/import?format=geojson", text).json()
    assert (answer["added"], answer["ignored"], answer["problems"]) == (1, ["osm id"], [])
    [kept] = desk.get("/api/v1/facilities?lat=21.0005&lon=105.8005").json()["items"]
    assert (kept["kind"], kept["distance_m"], len(kept["place"]["outline"])) == ("factory", 0.0, 4)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "kind", "lat", "lon", "hazards"])
    sheet.append(["Nhà máy 1", "factory", 21.0005, 105.8005, "khí"])
    packed = io.BytesIO()
    book.save(packed)
    answer = ask(leader, "POST", "/import?format=xlsx", packed.getvalue()).json()
    assert (answer["added"], answer["changed"]) == (0, 1)
    refused = ask(leader, "POST", "/import?format=geojson", b'{"type": "Point"}')
    assert "GeoJSON" in refused.json()["detail"]


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnot a plan", PDF[:-40], b"%PDF-", b"plan"])
def test_a_plan_that_is_no_pdf_or_was_cut_short_is_refused(
    desk_of: MakeDesk, content: bytes
) -> None:
    leader = desk_of("binh", Role.LEADER)
    made = ask(leader, "POST", "", {"name": "Chợ", "kind": "market"}).json()["id"]
    refused = ask(leader, "POST", f"/{made}/documents?name=x", content)
    assert (refused.status_code, refused.json()["error"]) == (422, "document_kind")
    assert ask(leader, "POST", f"/{made}/documents?name=x", PDF).status_code == 201


def test_a_wrong_line_is_told_in_the_clerks_language_and_columns(desk_of: MakeDesk) -> None:
    leader = desk_of("binh", Role.LEADER)
    text = "TÊN CƠ SỞ,Loại,Số tầng,Đơn Vị\nChợ,market,ba,pc07\nKho,market,2,khongco\n"
    answer = leader.post(
        "/api/v1/facilities/import?format=csv",
        content=text.encode(),
        headers={"X-CSRF-Token": leader.csrf, "Accept-Language": "vi"},
    )
    told = [one["message"] for one in answer.json()["problems"]]
    assert len(told) == 2
    assert "“Số tầng”" in told[0]
    assert told[1] == (
        "Không có đơn vị “khongco”. Ghi mã trong danh mục: pc07 (PCCC), csgt (CSGT)."
    )
    headless = leader.post(
        "/api/v1/facilities/import?format=csv",
        content="Tên,Địa chỉ\nChợ,Hàng Bài\n".encode(),
        headers={"X-CSRF-Token": leader.csrf, "Accept-Language": "vi"},
    )
    assert headless.json()["problems"][0]["message"] == "Thiếu cột “Loại”."
