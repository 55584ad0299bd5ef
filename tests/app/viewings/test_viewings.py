"""The viewing log: who saw which picture or export, on what ground; in the chain, and scoped."""

from collections.abc import Callable

from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import fetched
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.viewings.viewing_log import RENEWED_AFTER_S

API = "/api/v1"
MakeDesk = Callable[..., Desk]


def test_who_saw_a_picture_is_in_the_chain_and_on_the_leaders_screen(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    ref = centre.file("e/snapshot.jpg", b"picture", EvidenceKind.SNAPSHOT)
    alert = centre.raise_alert("cam-1", evidence=(ref,))
    shown = desk.get(f"{API}/alerts/{alert}").json()
    for _ in range(3):
        assert desk.get(shown["snapshot"]).status_code == 200
    assert fetched(desk, what="record_html", alert=alert).status_code == 200
    leader = desk_of("le", Role.LEADER)
    items = leader.get(f"{API}/viewings").json()["items"]
    assert [(one["what"], one["person"]["username"], one["camera"]) for one in items] == [
        ("export", "an", "cam-1"),
        ("evidence", "an", "cam-1"),
    ]
    assert items[1]["ground"] == f"open_alert:{shown['number']}"
    assert items[1]["object"] == f"snapshot:{shown['number']}"
    (entry,) = centre.archive.log_of(items[1]["object"])
    assert (entry.action, entry.actor, entry.seq) == ("viewed", "an", items[1]["seq"])
    assert centre.archive.verify_chain().ok
    centre.clock.at += RENEWED_AFTER_S + 1
    desk.get(shown["snapshot"])
    assert len(leader.get(f"{API}/viewings?username=an&camera=cam-1").json()["items"]) == 3
    page = leader.get(f"{API}/viewings?limit=1").json()
    older = leader.get(f"{API}/viewings?limit=1&before={page['next']}").json()["items"]
    assert older[0]["seq"] < page["items"][0]["seq"]


def test_another_agencys_leader_sees_none_of_it(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    ref = centre.file("e/snapshot.jpg", b"picture", EvidenceKind.SNAPSHOT)
    alert = centre.raise_alert("cam-1", evidence=(ref,))
    desk.get(desk.get(f"{API}/alerts/{alert}").json()["snapshot"])
    other = desk_of("khac", Role.LEADER, DataFilter(agencies=frozenset({"csgt"})))
    assert other.get(f"{API}/viewings").json() == {"items": [], "next": None}
    same = desk_of("cung", Role.LEADER, DataFilter(agencies=frozenset({"pc07"})))
    assert len(same.get(f"{API}/viewings").json()["items"]) == 1
    assert desk.get(f"{API}/viewings").status_code == 403
