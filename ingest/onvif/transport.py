"""HTTP transport of SOAP to one camera: limited, and never led to another address.

The certificate is checked before a login is sent.
"""

import asyncio
import ssl
from typing import Any
from urllib.parse import urlsplit

from aiohttp import (
    ClientConnectorCertificateError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DigestAuthMiddleware,
    Fingerprint,
    ServerFingerprintMismatch,
    TCPConnector,
)
from onvif.zeep_aiohttp import AIOHTTPTransport

from thapcanh.config.camera import TlsTrust
from thapcanh.ingest.address_guard import Endpoint
from thapcanh.ingest.errors import (
    CameraRefused,
    CertificateRefused,
    NotOnvif,
    Unanswered,
    Unauthorized,
    Unreachable,
)
from thapcanh.ingest.onvif.answers import MOST_BYTES, XmlRefused, check_xml
from thapcanh.ingest.onvif.records import OnvifLogin
from thapcanh.ingest.sources.tls_relay import (
    NOT_PINNED,
    NOT_SIGNED,
    certificate_refused,
    refused_by_verification,
    tls_context,
)

CONNECT_WITHIN_S = 5.0
ANSWER_WITHIN_S = 10.0
_CHUNK_BYTES = 16 << 10
_HTTPS_PORT = 443


def new_session(login: OnvifLogin) -> ClientSession:
    """Return a session that answers a digest challenge and shares no cookies."""
    user, password, pin = login.user, login.password, login.tls.pin
    return ClientSession(
        connector=TCPConnector(ssl=True if pin is None else _Pin(bytes.fromhex(pin))),
        timeout=ClientTimeout(total=None, connect=CONNECT_WITHIN_S),  # each answer is bounded below
        middlewares=(DigestAuthMiddleware(user, password),) if user else (),
        auto_decompress=False,
        skip_auto_headers=("Accept-Encoding",),
        trust_env=False,
    )


class _Pin(Fingerprint):
    """Fingerprint check that closes a wrong connection at once, without a TLS goodbye."""

    def check(self, transport: asyncio.Transport) -> None:
        try:
            super().check(transport)
        except ServerFingerprintMismatch:
            asyncio.get_running_loop().call_soon(transport.abort)  # the library asks it once more
            raise


class BoundedTransport(AIOHTTPTransport):  # type: ignore[misc]  # the library has no types
    """Transport to one camera; every failure is a `SourceError`."""

    def __init__(self, session: ClientSession, login: OnvifLogin) -> None:
        super().__init__(session=session)
        own = urlsplit(login.service)
        self._host = own.hostname
        self._shown = login.service
        self._tls = _context(login.tls, self._shown) if own.scheme == "https" else True
        self.answer_within_s = ANSWER_WITHIN_S
        self.most_bytes = MOST_BYTES

    async def _post_internal(
        self, address: str, message: str | bytes, headers: dict[str, str]
    ) -> tuple[ClientResponse, bytes]:
        """Override the library's only network access."""
        if urlsplit(address).hostname != self._host:
            raise CameraRefused(self._shown, problem="it leads to another host", code="elsewhere")
        try:
            async with asyncio.timeout(self.answer_within_s):
                return await self._answer(address, message, headers)
        except TimeoutError:
            raise Unanswered(
                self._shown,
                problem=f"no whole answer within {self.answer_within_s:.0f} s",
                way_out="check that this is the camera's ONVIF address, or restart the camera",
            ) from None
        except ServerFingerprintMismatch as error:
            raise certificate_refused(self._shown, NOT_PINNED, error.got.hex()) from None
        except ClientConnectorCertificateError as error:
            why = getattr(error.certificate_error, "verify_message", "")
            raise await asyncio.to_thread(
                refused_by_verification,
                self._shown,
                why or NOT_SIGNED,
                Endpoint(self._host or "", urlsplit(address).port or _HTTPS_PORT),
            ) from None
        except (ClientError, OSError, ValueError):
            raise Unreachable(self._shown) from None

    async def _answer(
        self, address: str, message: str | bytes, headers: dict[str, str]
    ) -> tuple[ClientResponse, bytes]:
        requested: dict[str, Any] = {
            "data": message.encode() if isinstance(message, str) else message,
            "headers": {"Content-Type": 'text/xml; charset="utf-8"', **(headers or {})},
            "allow_redirects": False,
            "ssl": self._tls,
        }
        async with self.session.post(address, **requested) as response:
            if response.status in (401, 403):
                raise Unauthorized(self._shown, way_out="correct the user and the password")
            if 300 <= response.status < 400:
                raise CameraRefused(
                    self._shown, problem="it redirects, which is not followed", code="redirects"
                )
            content = await _bounded(response, self._shown, self.most_bytes)
        try:
            check_xml(content)
        except XmlRefused as refused:
            raise NotOnvif(self._shown, problem=str(refused)) from None
        return response, content


def _context(trust: TlsTrust, shown: str) -> ssl.SSLContext:
    try:
        return tls_context(trust)
    except OSError:
        raise CertificateRefused(
            shown,
            problem="the certificates that tls_ca names cannot be read",
            way_out="name a file of certificates in PEM as tls_ca",
            code="authority_unreadable",
        ) from None


async def _bounded(response: ClientResponse, shown: str, most_bytes: int) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_chunked(_CHUNK_BYTES):
        size += len(part)
        if size > most_bytes:
            raise NotOnvif(shown, problem=f"its answer is larger than {most_bytes >> 10} KiB")
        parts.append(part)
    return b"".join(parts)
