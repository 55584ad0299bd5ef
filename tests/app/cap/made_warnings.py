"""CAP documents of a made power company, and a web server that publishes them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.app.web_api.centre import NOW
from thapcanh.alerts.cap.message import NAMESPACE

SENDER = "evn.example"
HERE = "<circle>21.030000,105.850000 0.1</circle>"


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def warning(
    identifier: str = "A-1",
    msg_type: str = "Alert",
    *,
    sender: str = SENDER,
    sent: float = NOW - 60,
    references: str = "",
    status: str = "Actual",
    words: str = "Mất điện diện rộng",
    urgency: str = "Expected",
    area: str = HERE,
    category: str = "Infra",
    expires: float | None = NOW + 3600,
) -> bytes:
    """Return a document; its English info comes first."""
    ends = "" if expires is None else f"<expires>{iso(expires)}</expires>"

    def info(language: str, event: str, said: str) -> str:
        return (
            f"<info><language>{language}</language><category>{category}</category>"
            f"<event>{event}</event><urgency>{urgency}</urgency><severity>Severe</severity>"
            f"<certainty>Observed</certainty>{ends}<senderName>EVN Hà Nội</senderName>"
            f"<headline>{said}</headline>"
            f"<area><areaDesc>Phường Cửa Nam</areaDesc>{area}</area></info>"
        )

    named = f"<references>{references}</references>" if references else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><alert xmlns="{NAMESPACE}">'
        f"<identifier>{identifier}</identifier><sender>{sender}</sender><sent>{iso(sent)}</sent>"
        f"<status>{status}</status><msgType>{msg_type}</msgType><scope>Public</scope>{named}"
        f"{info('en-US', 'Power outage', 'Outage')}{info('vi-VN', 'Mất điện', words)}</alert>"
    ).encode()


def reference(identifier: str = "A-1", sent: float = NOW - 60, sender: str = SENDER) -> str:
    return f"{sender},{identifier},{iso(sent)}"


@dataclass
class FeedServer:
    """What stands at each path; every request is counted with whether it was conditional."""

    port: int = 0
    pages: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    requests: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def atom(self, *links: str, inside: bytes = b"") -> bytes:
        """Return an index of these links, and of a document inside it."""
        entries = "".join(
            f'<entry><updated>1</updated><link type="application/cap+xml" href="{one}"/></entry>'
            for one in links
        )
        text = inside.decode().removeprefix('<?xml version="1.0" encoding="utf-8"?>')
        held = f'<entry><content type="text/xml">{text}</content></entry>' if inside else ""
        return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}{held}</feed>'.encode()

    def rss(self, *links: str) -> bytes:
        items = "".join(f"<item><link>{one}</link></item>" for one in links)
        return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes, str]:
        self.requests.append((path, "If-None-Match" in headers))
        body = self.pages.get(path)
        if self.status != 200 or body is None:
            return (404 if self.status == 200 else self.status), b"", '""'
        tag = f'"{hash(body)}"'
        return (304, b"", tag) if headers.get("If-None-Match") == tag else (200, body, tag)


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    served = FeedServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, tag = served.answer(self.path, dict(self.headers.items()))
            self.send_response(status)
            self.send_header("ETag", tag)
            if status in (301, 302):
                self.send_header("Location", f"{served.address}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
