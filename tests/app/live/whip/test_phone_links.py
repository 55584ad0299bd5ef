"""One-time links: whose they become, and when they end."""

import pytest

from thapcanh.app.live.refusals import CapacityExceeded
from thapcanh.app.live.whip.phone_links import (
    MAX_LINKS,
    MAX_LINKS_OF_OWNER,
    LinkUsed,
    PhoneLinkOptions,
    PhoneLinks,
)

NOW = 1_800_000_000.0


class Time:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def order(ends_at: float = NOW + 60, made_by: str = "an") -> PhoneLinkOptions:
    return PhoneLinkOptions(name="Tổ 3", made_by=made_by, agency="pc07", area=None, ends_at=ends_at)


def test_the_first_phone_gets_the_link_and_keeps_it() -> None:
    links = PhoneLinks(Time())
    link, token = links.make(order())
    first = links.claim(token, "")
    assert first is not None
    assert (first.link, first.is_new) == (link, True)
    again = links.claim(token, first.code)
    assert again is not None
    assert (again.code, again.is_new) == (first.code, False)
    for other in ("", "x", first.code[:-1]):
        with pytest.raises(LinkUsed):
            links.claim(token, other)


def test_a_phone_that_could_not_be_let_in_does_not_use_the_link_up() -> None:
    links = PhoneLinks(Time())
    _, token = links.make(order())
    failed = links.claim(token, "")
    assert failed is not None
    links.give_up(token, failed)
    second = links.claim(token, "")
    assert second is not None
    assert second.is_new
    known = links.claim(token, second.code)
    assert known is not None
    links.give_up(token, known)  # it was let in before: the link stays its own
    with pytest.raises(LinkUsed):
        links.claim(token, "")


def test_links_end_at_their_time_or_before() -> None:
    time = Time()
    links = PhoneLinks(time)
    link, token = links.make(order(NOW + 60))
    other, other_token = links.make(order(NOW + 90))
    assert links.of_camera(link.camera.id) == link
    time.now = NOW + 59.9
    assert links.in_force() == [link, other]
    time.now = NOW + 60
    assert links.claim(token, "") is None
    assert links.of_camera(link.camera.id) is None
    assert links.end(other.id)
    assert not links.end(other.id)
    assert links.claim(other_token, "") is None
    assert links.claim("guessed", "") is None


def test_links_are_bounded_and_ended_ones_make_room() -> None:
    time = Time()
    links = PhoneLinks(time)
    for number in range(MAX_LINKS):
        links.make(order(made_by=f"officer-{number // MAX_LINKS_OF_OWNER}"))
    with pytest.raises(CapacityExceeded):
        links.make(order())
    time.now = NOW + 61
    links.make(order(NOW + 120))


def test_a_code_is_not_kept_and_does_not_show() -> None:
    links = PhoneLinks(Time())
    link, token = links.make(order())
    assert token not in repr(links.__dict__)
    assert token not in repr(link)
    assert len(token) >= 40
