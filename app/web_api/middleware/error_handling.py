"""Handler of crashes: one clear response, and a log entry."""

import logging

from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from thapcanh.app.web_api.errors import ApiError, answer_in
from thapcanh.app.web_api.language import Language

log = logging.getLogger(__name__)


class ErrorHandling:
    """The outermost line of a request: a fault of ours is logged and answered, never shown."""

    def __init__(self, app: ASGIApp, default: Language) -> None:
        self._app = app
        self._default = default

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception:  # the outermost line of a request: a fault of ours, told as `internal`
            if scope["type"] != "http":
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            if not started:
                refusal = answer_in(scope, ApiError(500, "internal"), self._default)
                await refusal(scope, receive, send)
