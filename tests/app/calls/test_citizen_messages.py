"""Messages of citizens over HTTP: received once, grouped, made calls or joined, doubted by mark."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from uuid6 import uuid7

from tests.app.calls.test_caller_links import photo
from tests.app.calls.test_calls import taken
from tests.app.incidents.test_incidents import act
from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import Centre, Desk
from tests.patience import PATIENCE_S
from thapcanh.alerts.calls import citizen_message_store
from thapcanh.alerts.calls.call_redaction import redact_older
from thapcanh.alerts.calls.citizen_message_store import CitizenMessageRepository
from thapcanh.alerts.calls.citizen_message_tables import citizen_message
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.web_api.access.token_scopes import TokenScope

MakeDesk = Callable[..., Desk]
URL = "/api/v1/messages"
GATEWAY = Path(__file__).parents[3] / "docs/examples/citizen_gateway.py"
MARKET = {"text": "chợ Đồng Xuân", "lat": 21.0380, "lon": 105.8490}


class Gateway:
    """A program that brings what citizens write in some channel."""

    def __init__(self, centre: Centre, address: str, scope: DataFilter = EVERYTHING) -> None:
        token = token_of(centre, TokenScope.MESSAGES, scope=scope)
        self._url, self._headers = address + URL, {"Authorization": f"Bearer {token}"}

    def tell(self, text: str | None = "cháy ở chợ", **facts: Any) -> httpx.Response:
        body = {"channel": "zalo", "sender": "0912345678", "text": text, **facts}
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.post(self._url, headers=self._headers, json=body)


@pytest.fixture
def gateway(centre: Centre, address: str) -> Gateway:
    return Gateway(centre, address)


def waiting(desk: Desk) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.get(URL).json()["items"]
    return items


def answer(desk: Desk, message: str, how: str, **body: Any) -> httpx.Response:
    return desk.post(f"{URL}/{message}/{how}", headers={"X-CSRF-Token": desk.csrf}, json=body)


def rows(centre: Centre) -> list[Any]:
    with centre.archive.database.reading() as connection:
        return list(connection.execute(sa.select(citizen_message)))


def test_a_message_becomes_a_call_and_an_incident_once(
    desk: Desk, gateway: Gateway, centre: Centre
) -> None:
    told = gateway.tell(place=MARKET, ref="z-1")
    assert (told.status_code, told.json()["warnings"]) == (202, [])
    assert gateway.tell(place=MARKET, ref="z-1").json() == told.json()
    (event,) = waiting(desk)
    (message,) = event["items"]
    assert (message["text"], message["place"]["text"]) == ("cháy ở chợ", "chợ Đồng Xuân")
    made = answer(desk, message["id"], "take", kind="fire")
    assert made.status_code == 201, made.text
    call = made.json()["call"]
    assert (call["number"], call["words"], call["caller"]) == ("TN-0001", "cháy ở chợ", None)
    assert call["incident"]
    assert waiting(desk) == []
    again = answer(desk, message["id"], "take", kind="fire")
    assert (again.status_code, again.json()["error"]) == (409, "message_answered")
    assert centre.archive.verify_chain().ok


def test_who_wrote_it_is_kept_as_a_hash_of_this_site(gateway: Gateway, centre: Centre) -> None:
    gateway.tell(ref="z-1")
    (row,) = rows(centre)
    assert len(row.sender) == 64
    assert "0912345678" not in repr(row)
    assert row.sender == centre.factor_secrets.pseudonym("zalo:0912345678")


def test_messages_of_one_event_stand_together_and_join_its_incident(
    desk: Desk, gateway: Gateway
) -> None:
    incident = taken(desk, kind="fire", place=MARKET).json()["incident"]
    gateway.tell("cháy to ở chợ, khói đen", sender="a", place=MARKET)
    near = {"lat": 21.0382, "lon": 105.8492}
    gateway.tell("chợ đang cháy khói đen lắm", sender="b", place=near)
    gateway.tell("tai nạn xe máy cạnh hồ", sender="c", place={"lat": 21.03, "lon": 105.81})
    first, other = waiting(desk)
    assert (first["count"], other["count"]) == (2, 1)
    (suggested,) = first["suggestions"]
    assert (suggested["id"], other["suggestions"]) == (incident, [])
    one, _ = (item["id"] for item in first["items"])
    before = desk.get(f"/api/v1/incidents/{incident}").json()
    joined = answer(desk, one, "take", incident=incident, until=first["last_at"])
    assert joined.status_code == 201, joined.text
    sent = act(desk, before, "dispatch", services=["114"])
    assert sent.status_code == 200, "a message that joins refuses nobody's order"
    assert (joined.json()["answered"], joined.json()["call"]["incident"]) == (2, incident)
    detail = desk.get(f"/api/v1/incidents/{incident}/detail").json()
    assert [one["number"] for one in detail["calls"]] == ["113-0001", "TN-0001"]
    assert [event["count"] for event in waiting(desk)] == [1]


def test_the_same_words_without_a_place_stand_together_and_short_ones_do_not(
    desk: Desk, gateway: Gateway
) -> None:
    gateway.tell("cháy lớn ở khách sạn phố cổ Hà Nội", sender="a")
    gateway.tell("Cháy lớn ở khách sạn Phố Cổ", sender="b")
    gateway.tell("cháy", sender="c")
    gateway.tell("cháy", sender="d")
    assert sorted(event["count"] for event in waiting(desk)) == [1, 1, 2]


def test_the_same_words_elsewhere_are_another_event(desk: Desk, gateway: Gateway) -> None:
    gateway.tell("cháy lớn ở khách sạn phố cổ", sender="a", place={"lat": 21.0, "lon": 105.8})
    gateway.tell("cháy lớn ở khách sạn phố cổ", sender="b", place={"lat": 21.0, "lon": 105.9})
    assert [event["count"] for event in waiting(desk)] == [1, 1]


def test_a_mark_follows_a_sender_until_its_end(
    desk: Desk, gateway: Gateway, centre: Centre
) -> None:
    gateway.tell("cháy giả", sender="x")
    gateway.tell("cháy giả nữa đây", sender="x")
    first, _ = waiting(desk)
    assert answer(desk, first["items"][0]["id"], "hoax", days=2).json() == {"answered": 1}
    gateway.tell("người khác báo cháy thật", sender="y")
    doubted = [event["items"][0]["is_marked"] for event in waiting(desk)]
    assert doubted == [False, True], "who is doubted stands last, and stays to be read"
    (mark,) = desk.get("/api/v1/sender-marks").json()["items"]
    gone = desk.delete(f"/api/v1/sender-marks/{mark['id']}", headers={"X-CSRF-Token": desk.csrf})
    assert gone.status_code == 204
    assert not any(event["items"][0]["is_marked"] for event in waiting(desk))
    answer(desk, waiting(desk)[0]["items"][0]["id"], "hoax", days=0.01)
    centre.clock.at += 900
    gateway.tell("cháy thật lần này", sender="x")
    assert not waiting(desk)[-1]["items"][0]["is_marked"]


def test_a_mark_binds_no_other_agency_and_ends_alone(
    desk_of: MakeDesk, centre: Centre, address: str
) -> None:
    """Whom one agency doubts, another reads first; of two marks the second goes on."""
    pc07, csgt = (DataFilter(agencies=frozenset({one})) for one in ("pc07", "csgt"))
    mine, theirs = (Gateway(centre, address, scope=one) for one in (pc07, csgt))
    for number in range(3):
        mine.tell(f"cháy giả lần {number}", sender="x", ref=str(number))
    theirs.tell("tai nạn ở cầu", sender="x", ref="9")
    here, there = desk_of("pc", Role.OPERATOR, pc07), desk_of("gt", Role.OPERATOR, csgt)
    for _ in range(2):
        answer(here, waiting(here)[0]["items"][0]["id"], "hoax", days=2)
    theirs.tell("tắc đường, có xe cháy", sender="x", ref="10")
    assert [one["items"][0]["is_marked"] for one in waiting(there)] == [False, False]
    assert there.get("/api/v1/sender-marks").json()["items"] == []
    first, second = here.get("/api/v1/sender-marks").json()["items"]
    csrf = {"X-CSRF-Token": here.csrf}
    for mark, is_doubted in ((first, True), (second, False)):
        assert here.delete(f"/api/v1/sender-marks/{mark['id']}", headers=csrf).status_code == 204
        assert [one["items"][0]["is_marked"] for one in waiting(here)] == [is_doubted]


@pytest.mark.parametrize("point", [(0.0, 0.0), (48.85, 2.35), (91.0, 200.0), (21.0, None)], ids=str)
def test_a_point_that_cannot_be_is_left_out_and_the_message_kept(
    desk: Desk, gateway: Gateway, centre: Centre, point: tuple[float, float | None]
) -> None:
    site = centre.site()
    cameras = tuple(one.model_copy(update={"lat": 21.03, "lon": 105.85}) for one in site.cameras)
    centre.site.replace(site.model_copy(update={"cameras": cameras}))
    told = gateway.tell(place={"text": "ngõ 12", "lat": point[0], "lon": point[1]})
    assert (told.status_code, told.json()["warnings"]) == (202, ["place_left_out"])
    (event,) = waiting(desk)
    (message,) = event["items"]
    assert message["is_misplaced"]
    assert (message["place"]["text"], message["place"]["lat"]) == ("ngõ 12", None)


@pytest.mark.parametrize(
    "facts",
    [{"channel": "Zalo!"}, {"text": "x" * 4001}, {"at": "hôm qua"}, {"more": 1}, {"ref": ""}],
    ids=str,
)
def test_what_is_no_message_is_refused(desk: Desk, gateway: Gateway, facts: dict[str, Any]) -> None:
    told = gateway.tell(**facts)
    assert (told.status_code, told.json()["error"]) == (422, "invalid_input")
    assert waiting(desk) == []


def test_people_write_no_messages_of_citizens(desk: Desk) -> None:
    body = {"channel": "zalo", "text": "cháy"}
    told = desk.post(URL, headers={"X-CSRF-Token": desk.csrf}, json=body)
    assert (told.status_code, told.json()["error"]) == (403, "not_allowed")


def test_another_agencys_messages_are_seen_and_answered_by_it_alone(
    centre: Centre, address: str, desk: Desk, desk_of: MakeDesk
) -> None:
    Gateway(centre, address, DataFilter(agencies=frozenset({"pc07"}))).tell()
    (event,) = waiting(desk)
    csgt = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert waiting(csgt) == []
    for how, body in (("take", {"kind": "fire"}), ("hoax", {}), ("set-aside", {})):
        assert answer(csgt, event["id"], how, **body).status_code == 404
    assert len(waiting(desk)) == 1


def test_a_message_joins_no_closed_and_no_unknown_incident(desk: Desk, gateway: Gateway) -> None:
    opened = taken(desk, kind="hoax", place=MARKET)
    assert opened.json()["incident"] is None
    incident = taken(desk, kind="fire", place=MARKET).json()["incident"]
    closed = desk.post(
        f"/api/v1/incidents/{incident}/close",
        headers={"X-CSRF-Token": desk.csrf, "Idempotency-Key": str(uuid7()), "If-Match": "1"},
        json={"disposition": "false_alarm"},
    )
    assert closed.status_code == 200, closed.text
    gateway.tell()
    (event,) = waiting(desk)
    refused = answer(desk, event["id"], "take", incident=incident)
    assert (refused.status_code, refused.json()["error"]) == (409, "message_incident_closed")
    assert answer(desk, event["id"], "take", incident="nothing").status_code == 404
    assert answer(desk, event["id"], "take").json()["error"] == "message_kind_or_incident"
    assert len(waiting(desk)) == 1


def test_a_flood_of_one_gateway_refuses_no_other_agencys_messages(
    centre: Centre, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bound was everybody's: who filled it had all others refused."""
    monkeypatch.setattr(citizen_message_store, "MOST_WAITING", 4)
    pc07, csgt = (DataFilter(agencies=frozenset({name})) for name in ("pc07", "csgt"))
    flood = Gateway(centre, address, pc07)
    assert [flood.tell().status_code for _ in range(5)] == [202] * 4 + [429]
    other = Gateway(centre, address, csgt)
    assert [other.tell().status_code for _ in range(3)] == [202, 202, 429], "its share of two"
    same_agency = Gateway(centre, address, pc07)
    assert [same_agency.tell().status_code for _ in range(2)] == [202, 429], "its share of three"
    assert flood.tell().headers["Retry-After"] == "60"
    assert len(rows(centre)) == 7


def test_who_wrote_is_removed_with_the_call_and_by_age(
    desk: Desk, gateway: Gateway, centre: Centre
) -> None:
    for text in ("cháy ở số 5 nhà ông Nam", "xe đâm nhau ở cầu"):
        gateway.tell(text, sender=text)
    first, second = waiting(desk)
    answer(desk, first["id"], "take", kind="hoax")
    answer(desk, second["id"], "set-aside")
    now = centre.clock.utc() + 1
    assert redact_older(centre.archive.database, now, now) == 1
    assert CitizenMessageRepository(centre.archive.database).redact_older(now) == 1
    assert [(row.text, row.sender, row.words) for row in rows(centre)] == [(None, None, "")] * 2
    assert centre.archive.verify_chain().ok


def test_the_documented_gateway_brings_each_line_once(
    desk: Desk, centre: Centre, address: str, tmp_path: Path
) -> None:
    token = token_of(centre, TokenScope.MESSAGES)
    shown = tmp_path / "shown.jpg"
    shown.write_bytes(photo())
    lines = [
        {"id": "1", "text": "cháy ở chợ", "lat": 21.03, "lon": 105.84, "files": [str(shown)]},
        {"id": "1", "text": "cháy ở chợ", "lat": 21.03, "lon": 105.84},
        {"id": "2", "from": "b", "text": "x" * 4001},
    ]
    done = subprocess.run(
        [sys.executable, GATEWAY, address, "zalo"],
        input="\n".join(json.dumps(line) for line in lines),
        env={"MESSAGES_TOKEN": token, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    first, file, again, refused = done.stdout.splitlines()
    assert first == again
    assert refused.startswith("2 refused: ")
    (event,) = waiting(desk)
    assert first == f"1 {event['id']}"
    ((media,),) = [item["media"] for item in event["items"]]
    assert file == f"1 {shown} {media['id']}"
