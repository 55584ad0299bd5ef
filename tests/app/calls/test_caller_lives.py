"""A caller's live picture ends with the link, whoever ended that, in whichever centre."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.app.calls.test_caller_links import Phone, ask, seen
from tests.app.calls.test_calls import taken
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.calls.caller_live_links import note_live
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import Role
from thapcanh.app.calls import caller_page_routes
from thapcanh.app.calls.caller_live_links import expire_links
from thapcanh.app.live.whip.phone_links import PhoneLinkOptions, PhoneLinks


def test_a_callers_picture_ends_with_its_link_whoever_ended_it_and_where(
    desk_of: Callable[..., Desk], address: str, centre: Centre
) -> None:
    """A phone went on sending by a link that a newer one, or another centre, had ended."""
    leader = desk_of("cdlan", Role.LEADER)

    def lives() -> int:
        return len(leader.get("/api/v1/phone-links").json()["items"])

    call = taken(leader, words="cháy mà không biết ở đâu").json()["id"]
    url = ask(leader, "POST", f"calls/{call}/link").json()["url"]
    with Phone(address, url) as phone:
        assert (phone.open().status_code, lives()) == (200, 1)
    assert ask(leader, "POST", f"calls/{call}/link").status_code == 201
    assert lives() == 0, "the newer one has no phone yet"

    database, there = centre.archive.database, PhoneLinks(centre.clock.utc)
    order = PhoneLinkOptions(
        name="Người gọi", made_by="cdlan", agency=None, area=None, ends_at=centre.clock.utc() + 60
    )
    callers, officers = (there.make(replace(order, is_callers=one))[0] for one in (True, False))
    link = seen(leader, call)["id"]
    note_live(database, link, callers.id)
    expire_links(there, database)
    assert there.in_force() == [callers, officers]
    assert ask(leader, "DELETE", f"caller-links/{link}").status_code == 204
    expire_links(there, database)
    assert there.in_force() == [officers]


def test_a_caller_whose_picture_cannot_be_noted_keeps_the_link(
    desk: Desk, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link was this phone's, and the phone never learnt it: for it the link was used."""

    def away(*_: object) -> None:
        raise ArchiveUnreachable("the archive is busy")

    call = taken(desk, words="cháy mà không biết ở đâu").json()["id"]
    url = ask(desk, "POST", f"calls/{call}/link").json()["url"]
    monkeypatch.setattr(caller_page_routes, "note_live", away)
    with Phone(address, url) as phone:
        opened = phone.open()
        assert (opened.status_code, opened.json()["live"]) == (200, None)
        assert phone.tell("text", text="tầng 3, có trẻ em").status_code == 201
    assert desk.get("/api/v1/phone-links").json()["items"] == []
