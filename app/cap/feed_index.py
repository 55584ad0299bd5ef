"""What a CAP feed lists: messages inside it, or addresses of some. Pure; bounded, no entities."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree as Writer

from thapcanh.alerts.cap.message import NAMESPACE, CapInvalid
from thapcanh.alerts.cap.reading import Element, read_xml

MOST_BYTES = 1 << 20
MOST_ENTRIES = 500
_ATOM = "{http://www.w3.org/2005/Atom}"
_ALERT = f"{{{NAMESPACE}}}alert"
_CAP_TYPE = "application/cap+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One message of a feed: its body, or the address from which to fetch it.

    `version` changes when its sender says that it changed.
    """

    version: str
    body: bytes | None = None
    url: str | None = None


def entries_of(body: bytes, url: str) -> list[FeedEntry]:
    """Return what a feed at `url` lists. Raise `CapInvalid`."""
    root = read_xml(body, MOST_BYTES, "feed")
    if root.tag == _ALERT:
        return [FeedEntry(version="", body=body)]
    if root.tag not in (f"{_ATOM}feed", "rss"):
        raise CapInvalid("expected a CAP message, an Atom feed or RSS")
    found = list(_atom(root, url) if root.tag != "rss" else _rss(root, url))
    if len(found) > MOST_ENTRIES:
        raise CapInvalid(f"the feed lists more than {MOST_ENTRIES} messages")
    return found


def _atom(root: Element, url: str) -> Iterator[FeedEntry]:
    for entry in root.findall(f"{_ATOM}entry"):
        version = entry.findtext(f"{_ATOM}updated") or ""
        inside = entry.find(f"{_ATOM}content/{_ALERT}")
        links = [one for one in entry.findall(f"{_ATOM}link") if one.get("href")]
        typed = [one for one in links if (one.get("type") or "").startswith(_CAP_TYPE)]
        plain = [one for one in links if one.get("rel") in (None, "alternate")]
        chosen = [one.get("href") for one in (*typed, *plain, *links)]
        if inside is not None:
            yield FeedEntry(version=version, body=Writer.tostring(inside, encoding="utf-8"))
        elif chosen:
            yield FeedEntry(version=version, url=urljoin(url, chosen[0]))


def _rss(root: Element, url: str) -> Iterator[FeedEntry]:
    for item in root.findall("channel/item"):
        version = item.findtext("pubDate") or ""
        enclosures = [one.get("url") for one in item.findall("enclosure")]
        link = next((one for one in enclosures if one), None) or item.findtext("link")
        if link and link.strip():
            yield FeedEntry(version=version, url=urljoin(url, link.strip()))
