"""How SOAP reaches one camera: bounded in time and size, and never led to another address.

Everything goes to the host that was judged. A redirect is not followed, an answer is read up to
`MOST_BYTES` and within `ANSWER_WITHIN_S`, and nothing is unpacked.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DigestAuthMiddleware
from onvif.zeep_aiohttp import AIOHTTPTransport

from ingest.errors import CameraRefused, NotOnvif, Unanswered, Unauthorized, Unreachable
from ingest.onvif.checked_xml import MOST_BYTES, XmlRefused, check_xml

CONNECT_WITHIN_S = 5.0
ANSWER_WITHIN_S = 10.0
_CHUNK_BYTES = 16 << 10


def new_session(user: str, password: str) -> ClientSession:
    """A session with one camera; it answers a digest challenge, and keeps no cookies of others."""
    return ClientSession(
        timeout=ClientTimeout(total=ANSWER_WITHIN_S, connect=CONNECT_WITHIN_S),
        middlewares=(DigestAuthMiddleware(user, password),) if user else (),
        auto_decompress=False,
        skip_auto_headers=("Accept-Encoding",),
        trust_env=False,
    )


class BoundedTransport(AIOHTTPTransport):  # type: ignore[misc]  # the library has no types
    """Posts to one camera alone; raises a `SourceError` for whatever goes wrong."""

    def __init__(self, session: ClientSession, service: str) -> None:
        super().__init__(session=session, verify_ssl=False)
        self._host = urlsplit(service).hostname
        self._shown = service

    async def _post_internal(
        self, address: str, message: str | bytes, headers: dict[str, str]
    ) -> tuple[ClientResponse, bytes]:
        """Overrides the library's one way to the network."""
        if urlsplit(address).hostname != self._host:
            raise CameraRefused(self._shown, problem="it leads to another host")
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._answer(address, message, headers)
        except TimeoutError:
            raise Unanswered(
                self._shown,
                problem=f"no whole answer within {ANSWER_WITHIN_S:.0f} s",
                way_out="check that this is the camera's ONVIF address, or restart the camera",
            ) from None
        except (ClientError, OSError, ValueError):
            raise Unreachable(self._shown) from None

    async def _answer(
        self, address: str, message: str | bytes, headers: dict[str, str]
    ) -> tuple[ClientResponse, bytes]:
        asked: dict[str, Any] = {
            "data": message.encode() if isinstance(message, str) else message,
            "headers": {"Content-Type": 'text/xml; charset="utf-8"', **(headers or {})},
            "allow_redirects": False,
            "ssl": False,  # cameras sign their own certificates
        }
        async with self.session.post(address, **asked) as response:
            if response.status in (401, 403):
                raise Unauthorized(self._shown, way_out="correct the user and the password")
            if 300 <= response.status < 400:
                raise CameraRefused(self._shown, problem="it redirects, which is not followed")
            content = await _bounded(response, self._shown)
        try:
            check_xml(content)
        except XmlRefused as refused:
            raise NotOnvif(self._shown, problem=str(refused)) from None
        return response, content


async def _bounded(response: ClientResponse, shown: str) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_chunked(_CHUNK_BYTES):
        size += len(part)
        if size > MOST_BYTES:
            raise NotOnvif(shown, problem=f"its answer is larger than {MOST_BYTES >> 20} MiB")
        parts.append(part)
    return b"".join(parts)
