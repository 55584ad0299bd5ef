"""Webhook: POST of a signed body without redirects and proxy.

Every failure becomes an `Attempt` whose sentence names the cause and no secret.
"""

import asyncio
import hashlib
import hmac
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from pydantic import SecretStr
from yarl import URL

from thapcanh.alerts.delivery import webhook_sender
from thapcanh.alerts.delivery.attempt import Attempt, failed, of_http
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.config.targets import TargetConfig
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused, Refusal, is_address

_CONNECTIONS = 8
_STORED_S = 30.0


class GuardedConnector(TCPConnector):
    """Connector to the target's host only; TLS is verified by its name."""

    def __init__(self, host: str, guard: AddressGuard) -> None:
        self._own_host = host
        self._guard = guard
        super().__init__(
            resolver=_EvaluatedAddress(guard),
            use_dns_cache=False,
            limit=_CONNECTIONS,
            keepalive_timeout=_STORED_S,
        )

    async def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout
    ) -> Connection:
        """Connect to the host's first checked address. Raise `AddressRefused`."""
        host = req.url.raw_host or ""
        if host != self._own_host:
            raise AddressRefused(Refusal.OUTSIDE, f"{host} is not the target's host")
        if is_address(host):  # of which the library asks no resolver
            await self._guard.judged_on_loop(host, req.url.port or 0)
        return await super().connect(req, traces, timeout)


class _EvaluatedAddress(AbstractResolver):
    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002
    ) -> list[ResolveResult]:
        address = (await self._guard.judged_on_loop(host, port))[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
        ]

    async def close(self) -> None: ...


HEADER = "Thapcanh-Signature"


def sign(body: bytes, secret: bytes, at: float) -> str:
    """Return the header's value for a body sent at a time (UTC unix seconds)."""
    context = str(int(at))
    return f"t={context},v1={_mac(context, body, secret)}"


def _mac(context: str, body: bytes, secret: bytes) -> str:
    return hmac.new(secret, f"{context}.".encode() + body, hashlib.sha256).hexdigest()


_BODY_S = 1.0
_MOST_OF_BODY = 65_536
_PIECE = 8_192
_BROKEN = (ClientError, ssl.SSLError, OSError)
_Body = Callable[[DueDelivery], bytes]


class WebhookSender:
    """Sender owned by one task; `body` makes the content of `content_type`.

    With `is_token` the secret is sent to the receiver, who gave it, instead of signing.
    """

    is_serial = False

    def __init__(
        self,
        target: TargetConfig,
        secret: SecretStr,
        body: _Body,
        content_type: str,
        guard: AddressGuard,
        *,
        is_token: bool = False,
    ) -> None:
        url = target.url.reveal()
        self._url = URL(url, encoded=url.isascii())  # asked for as it is written
        self._guard = guard
        self._secret = secret.get_secret_value().encode()
        self._is_token = is_token
        self._timeout_s = target.timeout_s
        self._body = body
        self._content_type = content_type
        self._session: ClientSession | None = None

    async def send(self, due: DueDelivery) -> Attempt:
        body = self._body(due)
        headers = {
            "Content-Type": self._content_type,
            "User-Agent": "thapcanh",
            "Idempotency-Key": due.id,
        }
        if self._is_token:
            headers["Authorization"] = f"Bearer {self._secret.decode()}"
        else:
            headers[webhook_sender.HEADER] = webhook_sender.sign(body, self._secret, time.time())
        try:
            async with self._opened().post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                attempt = of_http(answer.status, _location_host(answer))
                await _read_to_the_end(answer)
                return attempt
        except AddressRefused as error:
            return failed(str(error))
        except TimeoutError:
            return failed(f"no answer within {self._timeout_s:g} s")
        except ClientConnectorError as error:
            return failed(f"no connection: {cause_of(error)}")
        except InvalidURL:
            return failed("the address is not http:// or https://")
        except _BROKEN as error:
            return failed(f"the connection broke: {cause_of(error)}")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> ClientSession:
        """Return the session: target's host only, no proxy, no cookies."""
        if self._session is None:
            wait_s = self._timeout_s
            self._session = ClientSession(
                connector=GuardedConnector(self._url.raw_host or "", self._guard),
                timeout=ClientTimeout(total=None, connect=wait_s, sock_read=wait_s),
                cookie_jar=DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding"),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


async def _read_to_the_end(answer: ClientResponse) -> None:
    """Read a short response, so that the connection is reused; its content is ignored."""
    read = 0
    with suppress(TimeoutError, *_BROKEN):
        async with asyncio.timeout(_BODY_S):
            async for part in answer.content.iter_chunked(_PIECE):
                read += len(part)
                if read > _MOST_OF_BODY:
                    return


def _location_host(answer: ClientResponse) -> str | None:
    """Return a redirect's host, or "another path" if it names none; None if unreadable."""
    if (location := answer.headers.get("Location")) is None:
        return None
    try:
        return urlsplit(location).hostname or "another path"
    except ValueError:
        return None


def cause_of(error: Exception) -> str:
    """Return the kind of failure; libraries put addresses into their texts."""
    inner: BaseException = error
    while (deeper := inner.__cause__ or inner.__context__) is not None:
        inner = deeper
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({inner.verify_message})"
    return str(getattr(inner, "strerror", None) or type(error).__name__)
