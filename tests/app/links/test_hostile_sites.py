"""What a linked or a strange site may not do: refused by one error, and nothing else stops."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.links.linked_sites import ADMIN, LinkedSite, joined, sites
from thapcanh.alerts.links.link_keys import (
    PICTURE_FORM,
    REQUEST_FORM,
    as_text,
    canonical,
    request_payload,
    site_key,
)
from thapcanh.alerts.links.link_records import LinkRefused, SiteLinkRefusal
from thapcanh.app.links.accepting import accept_link

REMOTE = "0196f0aa-0000-7000-8000-000000000001"
REPORT = {"incident": {"kind": "fire", "state": "open", "priority": 1, "place": "Chợ"}}


class Peer:
    """A lower site that says what it likes, with the right key."""

    def __init__(self, upper: LinkedSite, lower: LinkedSite) -> None:
        self.upper, self.lower, self.number, self.session = upper, lower, 0, ""
        self.seq = 0

    def post(self, body: bytes, signature: str | None = None) -> httpx.Response:
        link_id = self.lower.link.id
        key = site_key(self.lower.centre.archive.database)
        signed = key.sign(REQUEST_FORM, request_payload(link_id, body))
        headers = {"Thapcanh-Link-Signature": signature or signed}
        url = f"{self.upper.address}/api/v1/link-peers/{link_id}/exchange"
        return httpx.post(url, content=body, headers=headers, trust_env=False, timeout=60)

    def body(self, *items: dict[str, Any]) -> bytes:
        self.number += 1
        stated = {"session": self.session, "number": self.number, "items": items}
        return json.dumps(stated).encode()

    def send(self, *items: dict[str, Any]) -> list[dict[str, Any]]:
        if not self.session:
            self.session = self.post(self.body()).json()["session"]
            self.number = 0
        answer = self.post(self.body(*items))
        assert answer.status_code == 200, answer.text
        receipts: list[dict[str, Any]] = answer.json()["receipts"]
        return receipts

    def item(self, kind: str, data: dict[str, Any], subject: str = "") -> dict[str, Any]:
        self.seq += 1
        of = subject or f"incident/{REMOTE}"
        return {"seq": self.seq, "subject": of, "kind": kind, "at": 0.0, "data": data}

    def picture(self, content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        statement = {"incident": REMOTE, "sha256": digest}
        key = site_key(self.lower.centre.archive.database)
        signature = key.sign(PICTURE_FORM, canonical(statement))
        data = {"statement": statement, "signature": signature, "jpeg": as_text(content)}
        return self.item("picture", data, f"picture/{REMOTE}/{self.seq}")


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with sites(tmp_path, "Thành phố", "Phường") as (upper, lower):
        lower.service.stop()  # the test speaks in its place
        joined(upper, lower)
        yield Peer(upper, lower)


def test_each_wrong_item_is_refused_by_itself(peer: Peer) -> None:
    later = REPORT | {"drones": ["một"], "units": "none"}
    receipts = peer.send(
        peer.item("report", {"incident": "none"}),
        peer.item("report", later),
        peer.item("proposal", {}, "incident/0196f0aa-0000-7000-8000-00000000ffff"),
        peer.item("report", REPORT, "incident/../../etc"),
        peer.item("take_over", {}),
        peer.picture(b"GIF89a no picture"),
        peer.picture(b"\xff\xd8" + b"x" * 45_000 + b"\xff\xd9"),
        peer.item("evacuation", {"words": "sơ tán"}),
        peer.item("report", REPORT),
    )
    assert [one["refused"] for one in receipts] == [
        "link_unreadable", None, "link_not_shared", "link_unreadable", "link_not_yours",
        "link_not_a_picture", "link_not_a_picture", None, None,
    ]  # fmt: skip
    with peer.upper.desk() as desk:
        (row,) = peer.upper.worklist(desk)
    assert "evacuation" in peer.upper.notes(row["id"])


def test_a_request_counts_once_and_as_it_was_signed(peer: Peer) -> None:
    assert peer.send(peer.item("report", REPORT))[0]["refused"] is None
    old = peer.body(peer.item("report", REPORT))
    assert peer.post(old).status_code == 200
    again = peer.post(old)
    assert (again.status_code, again.json()["error"]) == (409, "link_session")
    altered = peer.post(old + b" ", signature=as_text(b"0" * 64))
    assert (altered.status_code, altered.json()["error"]) == (403, "link_signature")
    assert peer.send(peer.item("report", REPORT))[0]["refused"] is None  # its session goes on


def test_a_flood_is_bounded(peer: Peer) -> None:
    answers = [peer.post(peer.body()).status_code for _ in range(45)]  # the clock stands
    assert answers.count(429) >= 5


def test_a_code_works_once_and_for_ten_minutes(tmp_path: Path) -> None:
    with sites(tmp_path, "Thành phố", "Phường Một", "Phường Hai") as (city, one, two):
        now = city.centre.clock.utc()
        code = city.links.invite(ADMIN, now)
        accept_link(one.links, one.centre.site(), ADMIN, (city.address, code), now)
        assert _refused(two, city, code) is SiteLinkRefusal.CODE_USED
        late = city.links.invite(ADMIN, now - 601)
        assert _refused(two, city, late) is SiteLinkRefusal.CODE_EXPIRED
        assert _refused(two, city, "AAAA-AAAA-AAAA-AAAA") is SiteLinkRefusal.CODE_UNKNOWN
        wrong = city.links.invite(ADMIN, now)[:-1] + "?"
        assert _refused(two, city, wrong) is SiteLinkRefusal.CODE_WRONG


def test_a_circle_and_a_fourth_level_are_refused(tmp_path: Path) -> None:
    with sites(tmp_path, "Một", "Hai", "Ba", "Bốn") as (first, second, third, fourth):
        joined(first, second)
        joined(second, third)
        assert _refused(first, third, third.links.invite(ADMIN, _now(third))) in (
            SiteLinkRefusal.CIRCLE,
        )
        deep = third.links.invite(ADMIN, _now(third))
        assert _refused(fourth, third, deep) is SiteLinkRefusal.TOO_DEEP


def _now(site: LinkedSite) -> float:
    return site.centre.clock.utc()


def _refused(lower: LinkedSite, upper: LinkedSite, code: str) -> SiteLinkRefusal:
    with pytest.raises(LinkRefused) as caught:
        accept_link(lower.links, lower.centre.site(), ADMIN, (upper.address, code), _now(lower))
    return caught.value.why
