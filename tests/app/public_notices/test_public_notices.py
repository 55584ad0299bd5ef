"""Notices to the public: drafted without names, signed by another, read by everybody."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from capvalidator import check_schema
from defusedxml import ElementTree
from uuid6 import uuid7

from tests.app.calls.test_calls import taken
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.outbox.outbox import outbox_event
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]
URL = "/api/v1/notices"
PUBLIC = "/api/v1/public/notices"
ATOM = "{http://www.w3.org/2005/Atom}"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
PLACE = {"text": "12 Hàng Bài, phường Cửa Nam", "lat": 21.0242, "lon": 105.8452}


def ask(desk: Desk, path: str = "", method: str = "POST", **body: Any) -> httpx.Response:
    return desk.request(method, f"{URL}{path}", headers={"X-CSRF-Token": desk.csrf}, json=body)


def public(address: str, path: str = "") -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=60) as reader:
        return reader.get(f"{address}{PUBLIC}{path}")


@pytest.fixture
def leader(desk_of: MakeDesk) -> Desk:
    return desk_of("binh", Role.LEADER)


def drafted(desk: Desk) -> dict[str, Any]:
    call = taken(desk, place=PLACE, words="nhà ông Nam cháy, gọi 0912345678").json()
    made = ask(desk, incident=call["incident"])
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def published(desk: Desk, leader: Desk) -> dict[str, Any]:
    draft = drafted(desk)
    signed = ask(leader, f"/{draft['id']}/sign", draft=draft["draft"])
    assert signed.status_code == 200, signed.text
    found: dict[str, Any] = signed.json()
    return found


def test_a_notice_says_neither_who_nor_where_exactly(desk: Desk) -> None:
    draft = drafted(desk)
    words = f"{draft['draft_title']} {draft['draft_text']}"
    assert "vụ cháy" in words
    for secret in ("12 Hàng Bài", "Nam cháy", "0912345678", "113-0001", "21.02"):
        assert secret not in words


def test_it_is_signed_by_a_second_person_and_then_read_by_everybody(
    desk: Desk, leader: Desk, address: str, centre: Centre
) -> None:
    centre.add_user("cuong", Role.OPERATOR, Role.LEADER)
    both = Desk(address).log_in("cuong")
    own = ask(both, kind="fire", title="Thông tin vụ cháy", text="Vụ cháy đã được khống chế.")
    refused = ask(both, f"/{own.json()['id']}/sign", draft=1)
    assert (refused.status_code, refused.json()["error"]) == (403, "notice_same_person")
    both.close()
    draft = drafted(desk)
    assert ask(desk, f"/{draft['id']}/sign", draft=1).status_code == 403
    assert "cháy" not in public(address).text.split("Trang này")[1]
    assert public(address, f"/{draft['id']}.cap").status_code == 404
    assert ask(leader, f"/{draft['id']}/sign", draft=2).json()["error"] == "notice_changed"
    assert ask(leader, f"/{draft['id']}/sign", draft=1).status_code == 200
    assert ask(leader, f"/{draft['id']}/sign", draft=1).json()["error"] == "notice_no_draft"
    page = public(address)
    assert page.headers["Cache-Control"] == "public, max-age=30"
    assert draft["draft_text"] in page.text
    assert "Đồng chí" not in page.text
    feed = ElementTree.fromstring(public(address, ".atom").content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}content") == draft["draft_text"]
    message = public(address, f"/{draft['id']}.cap").content
    assert check_schema(message).passed, message.decode()
    alert = ElementTree.fromstring(message)
    told = [alert.findtext(f"{CAP}{name}") for name in ("scope", "status", "msgType")]
    assert told == ["Public", "Actual", "Alert"]
    assert alert.find(f".//{CAP}circle") is None
    assert centre.archive.verify_chain().ok


def test_it_is_corrected_and_withdrawn_with_a_trace(
    desk: Desk, leader: Desk, address: str, centre: Centre
) -> None:
    notice = published(desk, leader)
    path = f"/{notice['id']}"
    other = {"title": "Thông tin về vụ cháy", "text": "Vụ cháy đã được khống chế lúc 15 giờ."}
    assert ask(desk, path, "PUT", **other, draft=1).status_code == 200
    assert other["text"] not in public(address).text, "nobody signed it yet"
    assert ask(leader, f"{path}/sign", draft=2).status_code == 200
    assert "Đã đính chính" in public(address).text
    gone = ask(leader, f"{path}/withdraw", reason="Thông tin chưa chính xác")
    assert [one["act"] for one in gone.json()["versions"]] == [
        "published", "corrected", "withdrawn",
    ]  # fmt: skip
    page = public(address).text
    assert "Đã rút lại" in page
    assert "Thông tin chưa chính xác" in page
    message = ElementTree.fromstring(public(address, f"{path}.cap").content)
    assert message.findtext(f"{CAP}msgType") == "Cancel"
    assert "corrected" in (message.findtext(f"{CAP}references") or "")
    assert ask(desk, path, "PUT", **other, draft=2).json()["error"] == "notice_withdrawn"
    assert ask(leader, f"{path}/withdraw", reason="lần nữa").json()["error"] == "notice_withdrawn"
    with centre.archive.database.reading() as connection:
        query = sa.select(outbox_event.c.type).where(outbox_event.c.kind == "notice")
        told = [
            str(one) for one in connection.execute(query.order_by(outbox_event.c.seq)).scalars()
        ]
    assert [one.split(".")[2] for one in told] == ["withdrawn"], "no target was told of the others"


def test_a_drill_is_never_published(desk: Desk, leader: Desk, centre: Centre) -> None:
    draft = drafted(desk)
    exercise = centre.raise_alert(exercise=True)
    with centre.archive.database.writing() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO incident_member (id, incident_id, type, member_id, joined_at, by)"
                " VALUES (:id, :incident, 'alert', :alert, 1, 'an')"
            ),
            {"id": str(uuid7()), "incident": draft["incident"], "alert": exercise},
        )
    refused = ask(leader, f"/{draft['id']}/sign", draft=1)
    assert (refused.status_code, refused.json()["error"]) == (422, "notice_of_drill")
    assert ask(desk, incident=draft["incident"]).json()["error"] == "notice_of_drill"


def test_another_agencys_notices_are_not_there(desk_of: MakeDesk) -> None:
    pc07 = desk_of("cc", Role.OPERATOR, DataFilter(agencies=frozenset({"pc07"})))
    csgt = desk_of("gt", Role.LEADER, DataFilter(agencies=frozenset({"csgt"})))
    draft = drafted(pc07)
    assert csgt.get(URL).json()["items"] == []
    assert ask(csgt, f"/{draft['id']}/sign", draft=1).status_code == 404
    assert ask(csgt, incident=draft["incident"]).status_code == 404


def test_words_with_a_number_are_refused_where_they_are_written(desk: Desk) -> None:
    draft = drafted(desk)
    body = {"title": "Thông tin vụ cháy", "text": "Gọi số 0912345678 để biết", "draft": 1}
    refused = ask(desk, f"/{draft['id']}", "PUT", **body)
    assert (refused.status_code, refused.json()["error"]) == (422, "notice_has_number")
    assert ask(desk, kind="fire").json()["error"] == "notice_no_words"
