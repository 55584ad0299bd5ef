"""Web page of a starting centre with its progress.

A thread answers until the centre takes over the same port without refusing a connection.
"""

import html
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from thapcanh.app.centre.web.server import Listen, serve
from thapcanh.app.process.heartbeat import ProcessStart, StartState
from thapcanh.app.web_api.language import Language, chosen
from thapcanh.app.web_api.middleware.security_headers import SecurityHeaders
from thapcanh.config.wording import Wording
from thapcanh.ingest.stoppable_thread import StoppableThread

OPENING = "centre_opening"  # a word of `Readiness`, whose module takes seconds to load
SILENT_S = 15.0  # no progress for so long is told
_PAGE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<meta name="viewport" content="width=device-width"><title>Tháp Canh</title></head>
<body><h1>Trung tâm đang khởi động</h1>
<p>{vi}</p>
<p><strong>Màn hình chưa nhận cảnh báo. Camera vẫn được canh gác; cảnh báo được giữ lại và hiện ra
khi khởi động xong.</strong> Trang này tự tải lại.</p>
<h2 lang="en">The centre is starting</h2>
<p lang="en">{en}</p>
<p lang="en">No alert is shown yet. Cameras are watched on; alerts are kept, and shown once the
centre has started. This page reloads itself.</p>
</body></html>
"""


class StartingPage:
    """Answers on the port of a centre until `stop`."""

    def __init__(self, listen: Listen, listener: socket.socket, start: ProcessStart) -> None:
        self._listen = listen
        self._listener = listener.dup()  # the server closes its own when it ends
        self._start = start
        self._ending = threading.Event()
        self._thread = StoppableThread(self._serve, "starting-page", interrupt=self._ending.set)

    @contextmanager
    def answering(self) -> Iterator["StartingPage"]:
        """Answer while the block runs, or until `stop`."""
        self._thread.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """Finish the answers in work, and answer no more; twice is fine."""
        self._thread.stop()

    def _serve(self) -> None:
        app = SecurityHeaders(self._answer, is_tls=self._listen.certificate is not None)
        serve(app, self._listen, self._ending, listener=self._listener, has_streams=False)

    async def _answer(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await _send(scope, self._body(scope), send)

    def _body(self, scope: AsgiScope) -> tuple[str, str]:
        """Return the type and the text of an answer."""
        words = words_of(self._start.state, self._start.silent_s())
        path = str(scope["path"])
        if path == "/healthz":  # proxies look for words in it: nothing but the state
            return "application/json", json.dumps({"status": OPENING})
        if path == "/readyz":
            facts = {"status": OPENING, "doing": {"vi": words.vi, "en": words.en}}
            return "application/json", json.dumps(facts, ensure_ascii=False)
        if path.startswith("/api/"):
            accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
            detail = words.en if chosen(accepted, Language.VI) is Language.EN else words.vi
            return "application/json", json.dumps({"error": OPENING, "detail": detail})
        page = _PAGE.format(vi=html.escape(words.vi), en=html.escape(words.en))
        return "text/html; charset=utf-8", page


def words_of(state: StartState, silent_s: float) -> Wording:
    """Return what is being done, for how long, and whether it makes progress."""
    up_s = max(0, int(time.time() - state.started_at))
    step = state.words
    vi = f"Trung tâm {step.vi}; đã khởi động {up_s} giây"
    en = f"The centre is {step.en}; it started {up_s} s ago"
    if silent_s > SILENT_S:
        vi += f", {silent_s:.0f} giây qua không tiến thêm"
        en += f" and has made no progress for {silent_s:.0f} s"
    return Wording(vi=f"{vi}.", en=f"{en}.")


async def _live(receive: Receive, send: Send) -> None:
    """Answer the server's start and end; nothing is opened."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _send(scope: AsgiScope, body: tuple[str, str], send: Send) -> None:
    kind, text = body
    headers = {
        "Content-Type": kind, "Retry-After": "2", "Cache-Control": "no-store",
        "Connection": "close", "Vary": "Accept-Language",
    }  # fmt: skip
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 503, "headers": raw})
    content = b"" if scope["method"] == "HEAD" else text.encode()
    await send({"type": "http.response.body", "body": content})
