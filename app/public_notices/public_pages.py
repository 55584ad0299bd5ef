"""Public rendering of notices: page, Atom feed, CAP. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from thapcanh.alerts.cap.from_events import cap_of_event
from thapcanh.alerts.cap.writing import write_cap
from thapcanh.alerts.delivery import cloud_events
from thapcanh.alerts.public_notices.public_notice_rows import notice_event
from thapcanh.alerts.public_notices.public_notices import PublicAct, PublicNotice, PublicVersion
from thapcanh.config.local_time import LOCAL_TZ

ATOM = "http://www.w3.org/2005/Atom"
STYLE = """body{max-width:44rem;margin:0 auto;padding:1rem;font:1.1rem/1.6 system-ui,sans-serif;
color:#111;background:#fff}article{border-top:1px solid #bbb;padding:.8rem 0}h2{margin:.2rem 0}
.time,.note{color:#444;font-size:.95rem}
.text{white-space:pre-wrap}a{color:#003c8f}"""


def page(notices: Sequence[PublicNotice], site_name: str, feed: str, style: str) -> bytes:
    """Return all notices as one HTML page; `feed` and `style` are URLs."""
    articles = "\n".join(_article(item) for item in notices) or "<p>Chưa có thông báo nào.</p>"
    name = escape(site_name)
    return f"""<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Thông báo · {name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="alternate" type="application/atom+xml" href="{escape(feed)}">
<link rel="stylesheet" href="{escape(style)}"></head>
<body><h1>Thông báo của {name}</h1>
<p class="note">Khi có cháy, sự cố: gọi 114. Trang này chỉ có thông tin đã được ký duyệt.</p>
{articles}
</body></html>
""".encode()


def atom(notices: Sequence[PublicNotice], site_name: str, address: str) -> bytes:
    """Return the newest version of each notice as an Atom feed (RFC 4287).

    `address` is the page's; a relative one is relative to the feed.
    """
    feed = ElementTree.Element("feed", xmlns=ATOM)
    times = [item.newest.at for item in notices if item.newest is not None]
    _put(feed, "id", uuid5(NAMESPACE_URL, cloud_events.source_of(site_name)).urn)
    _put(feed, "title", f"Thông báo của {site_name}")
    _put(feed, "updated", _iso(max(times, default=0.0)))
    author = ElementTree.SubElement(feed, "author")
    _put(author, "name", site_name)
    ElementTree.SubElement(feed, "link", rel="self", href=f"{address}.atom")
    ElementTree.SubElement(feed, "link", rel="alternate", type="text/html", href=address)
    for notice in notices:
        if notice.newest is not None:
            _entry(feed, notice, notice.newest, address)
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def cap(notice: PublicNotice, version: PublicVersion, site: tuple[str, str]) -> bytes:
    """Return the newest version as public CAP 1.2, referring to the version before."""
    return write_cap(cap_of_event(notice_event(notice, version), site, None))


def _article(notice: PublicNotice) -> str:
    version = notice.newest
    if version is None:
        return ""
    first = notice.versions[0].at
    times = f'<p class="time">Công bố lúc {_clock(first)}</p>'
    labels = {
        PublicAct.PUBLISHED: "",
        PublicAct.CORRECTED: f'<p class="note">Đã đính chính lúc {_clock(version.at)}.</p>',
        PublicAct.WITHDRAWN: (
            f'<p class="note"><strong>Đã rút lại lúc {_clock(version.at)}:</strong> '
            f"{escape(version.reason or '')}</p>"
        ),
    }[version.act]
    text = f'<p class="text">{escape(version.text)}</p>' if version.text else ""
    return (
        f'<article id="{escape(notice.id)}"><h2>{escape(version.title)}</h2>'
        f"{times}{labels}{text}</article>"
    )


def _entry(
    feed: ElementTree.Element, notice: PublicNotice, version: PublicVersion, address: str
) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    mark = {
        PublicAct.PUBLISHED: "",
        PublicAct.CORRECTED: "(Đính chính) ",
        PublicAct.WITHDRAWN: "",
    }[version.act]
    _put(entry, "id", f"urn:uuid:{notice.id}")
    _put(entry, "title", mark + version.title)
    _put(entry, "published", _iso(notice.versions[0].at))
    _put(entry, "updated", _iso(version.at))
    ElementTree.SubElement(
        entry, "link", rel="alternate", type="text/html", href=f"{address}#{notice.id}"
    )
    ElementTree.SubElement(
        entry,
        "link",
        rel="enclosure",
        type="application/cap+xml",
        href=f"{address}/{notice.id}.cap",
    )
    is_withdrawn = version.act is PublicAct.WITHDRAWN
    _put(entry, "content", version.reason or "" if is_withdrawn else version.text)


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, LOCAL_TZ):%H:%M %d/%m/%Y}"
