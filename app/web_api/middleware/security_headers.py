"""The security headers of every answer: CSP, HSTS, framing, referrer; `no-store` for the API."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",  # a snapshot that is drawn upon, an icon in a style sheet
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_TWO_YEARS = "max-age=63072000"


class SecurityHeaders:
    """Adds the security headers to every answer, and `no-store` to the API's."""

    def __init__(self, app: ASGIApp, is_tls: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if is_tls:
            self._headers["Strict-Transport-Security"] = _TWO_YEARS

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if _is_api(scope):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)


def _is_api(scope: AsgiScope) -> bool:
    return scope["type"] == "http" and str(scope["path"]).startswith(
        ("/api/", "/healthz", "/readyz")
    )
