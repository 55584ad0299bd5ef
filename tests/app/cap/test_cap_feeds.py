"""Feeds of CAP warnings, by a real server: read once, bounded, and never quietly stale."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.app.cap.made_warnings import FeedServer, feed_server, reference, warning
from tests.app.cap.test_warnings import all_of, told
from tests.app.delivery.served import until
from tests.app.web_api.centre import NOW, Centre
from tests.made_archives import archive_at
from thapcanh.app.cap.cap_feeds import CapFeeds
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.cap_feeds import CapFeedConfig
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.ingest.clock import SystemClock

_INDEX = "/feed"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    made = Centre(archive=archive_at(tmp_path / "archive.sqlite"), folder=tmp_path)
    yield made
    made.archive.close()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as served:
        yield served


def feeds_of(centre: Centre, server: FeedServer, path: str = _INDEX, **changes: Any) -> CapFeeds:
    feed = CapFeedConfig(
        id="evn", name="EVN Hà Nội", url=SecretUrl(f"{server.address}{path}"),
        senders=("evn.example",), agency="pc07", **changes,
    )  # fmt: skip
    centre.site.replace(centre.site().model_copy(update={"cap_feeds": (feed,)}))
    database = centre.archive.database
    return CapFeeds(database, centre.site, lambda: True, centre.bell, centre.clock)


def later(centre: Centre, feeds: CapFeeds, after_s: float = 60.0) -> str | None:
    """Look again after a while; the feed's error then."""
    centre.clock.at += after_s
    feeds.poll()
    (finding,) = feeds.findings()
    return finding.reason if finding.verdict is HealthVerdict.FAULT else None


@pytest.mark.parametrize("kind", ["atom", "rss", "one", "inside"])
def test_a_feed_opens_its_warnings_once(centre: Centre, server: FeedServer, kind: str) -> None:
    server.pages = {
        "/a.xml": warning(),
        _INDEX: {
            "atom": server.atom("a.xml"),
            "rss": server.rss(f"{server.address}/a.xml"),
            "one": warning(),
            "inside": server.atom(inside=warning()),
        }[kind],
    }
    feeds = feeds_of(centre, server)
    assert later(centre, feeds) is None
    assert [one.agency for one in all_of(centre)] == ["pc07"]
    asked = len(server.requests)
    assert later(centre, feeds) is None
    assert server.requests[asked:] == [(_INDEX, True)]  # conditional, and nothing else
    again = feeds_of(centre, server)  # another centre leads now, and knows nothing
    assert later(centre, again, 25 * 3600) is None
    assert len(all_of(centre)) == 1


def test_an_alert_its_update_and_its_end_come_in_any_order(
    centre: Centre, server: FeedServer
) -> None:
    server.pages = {
        "/1": warning(),
        "/2": warning("A-2", "Update", sent=NOW - 40, references=reference(), words="Mới hơn"),
        _INDEX: server.atom("1", "2"),
    }
    feeds = feeds_of(centre, server)
    assert later(centre, feeds) is None
    (found,) = all_of(centre)
    assert "Mới hơn" in told(centre, found.id)
    server.pages |= {
        "/3": warning("A-3", "Cancel", sent=NOW - 10, references=reference("A-2", NOW - 40)),
        "/4": warning("B-1", sent=NOW - 9),
        "/5": warning("B-2", "Cancel", sent=NOW - 8, references=reference("B-1", NOW - 9)),
        _INDEX: server.atom("1", "2", "3", "4", "5"),
    }
    assert later(centre, feeds) is None
    assert [one.id for one in all_of(centre)] == [found.id]
    assert "báo kết thúc" in told(centre, found.id)


def test_a_dead_server_is_a_finding_until_it_answers(centre: Centre, server: FeedServer) -> None:
    server.pages = {_INDEX: warning()}
    feeds = feeds_of(centre, server)
    server.status = 503
    assert later(centre, feeds) == "the feed EVN Hà Nội is not read: the server answers 503"
    assert later(centre, feeds) is not None
    server.status = 302
    assert later(centre, feeds) == "the feed EVN Hà Nội is not read: the server answers 302"
    server.status = 200
    assert later(centre, feeds) is None
    assert len(all_of(centre)) == 1
    assert "/elsewhere" not in {path for path, _ in server.requests}


def test_nobody_listens(centre: Centre) -> None:
    with feed_server() as gone:
        feeds = feeds_of(centre, gone)
    error = later(centre, feeds)
    assert error is not None
    assert error.startswith("the feed EVN Hà Nội is not read: no connection")


_BOMB = (
    b"<!DOCTYPE a [<!ENTITY b0 'ha'>"
    + b"".join(b"<!ENTITY b%d '%s'>" % (n, b"&b%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><feed>&b9;</feed>"
)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"<html/>", "expected a CAP message, an Atom feed or RSS"),
        (b"not at all", "this is not XML"),
        (_BOMB, "a document type or entities are not allowed"),
        (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "not allowed"),
        (b"<?xml version='1.0' encoding='klingon'?><feed/>", "this is not XML"),
        (b" " * 10_000_000, "it is longer than 1048576 bytes"),
    ],
)
def test_a_hostile_feed_is_one_clear_error(
    centre: Centre, server: FeedServer, body: bytes, fault: str
) -> None:
    server.pages = {_INDEX: body}
    error = later(centre, feeds_of(centre, server))
    assert error is not None
    assert fault in error
    assert all_of(centre) == []


def test_one_broken_message_stops_no_other_and_stays_a_finding(
    centre: Centre, server: FeedServer
) -> None:
    server.pages = {
        "/good": warning(),
        "/huge": warning() + b" " * 100_000,
        "/drill": warning("D-1", status="Exercise"),
        "/other": warning("O-1", sender="other.example"),
        _INDEX: server.atom("huge", "gone", "http://10.9.8.7/x", "good", "drill", "other"),
    }
    feeds = feeds_of(centre, server)
    for _ in range(2):
        error = later(centre, feeds)
        assert (
            error
            == "3 messages of the feed EVN Hà Nội cannot be read: it is longer than 65536 bytes"
        )
    assert len(all_of(centre)) == 1
    server.pages[_INDEX] = server.atom("good", "drill", "other")
    assert later(centre, feeds) is None


def test_a_feed_stands_where_the_site_allows(centre: Centre, server: FeedServer) -> None:
    server.pages = {_INDEX: warning()}
    feeds = feeds_of(centre, server)
    networks = NetworksConfig.model_validate({"servers": ["10.0.0.0/8"]})
    centre.site.replace(centre.site().model_copy(update={"networks": networks}))
    error = later(centre, feeds)
    assert error is not None
    assert "outside [networks] servers" in error
    assert server.requests == []


def test_the_thread_reads_and_stops(centre: Centre, server: FeedServer) -> None:
    server.pages = {_INDEX: warning()}
    feeds_of(centre, server)
    database = centre.archive.database
    feeds = CapFeeds(database, centre.site, lambda: True, centre.bell, SystemClock())
    feeds.start()
    try:
        until(lambda: server.requests)
    finally:
        feeds.stop()


@pytest.mark.parametrize("url", ["ftp://evn.example/feed", "https://", "https://a:b@evn.example/"])
def test_a_feed_has_an_address_of_the_web(url: str) -> None:
    with pytest.raises(ValidationError, match="not an address of a feed"):
        CapFeedConfig(id="evn", name="EVN", url=SecretUrl(url), senders=("a",))
