"""One webhook: POST of a signed body, no redirect followed, no proxy, the answer read to a bound.

Every failure becomes an `Attempt` whose sentence names the cause and no secret. The body is made by
a function, so that CloudEvents and CAP travel alike.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import httpcore
from pydantic import SecretStr

from alerts.delivery import signature
from alerts.delivery.attempt import Attempt, failed, of_http
from alerts.delivery.guarded_network import GuardedNetwork
from alerts.delivery.outbox.records import DueDelivery
from config.targets import TargetConfig
from ingest.address_guard import AddressGuard, AddressRefused

_CONNECTIONS = 8
_BODY_S = 1.0
_MOST_OF_BODY = 65_536
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError)
_Body = Callable[[DueDelivery], bytes]


class WebhookSender:
    """Owned by one task; `body` makes what is sent, of the type `content_type`.

    `is_token`: the secret is shown to the receiver, who gave it, and signs nothing.
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
        self._url = target.url.reveal()
        host = (urlsplit(self._url).hostname or "").encode("idna").decode()
        self._secret = secret.get_secret_value().encode()
        self._is_token = is_token
        self._timeout_s = target.timeout_s
        self._body = body
        self._content_type = content_type
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=_CONNECTIONS,
            keepalive_expiry=30.0,
            network_backend=GuardedNetwork(host, guard),
        )

    async def send(self, due: DueDelivery) -> Attempt:
        """POST one delivery."""
        body = self._body(due)
        headers: dict[bytes | str, bytes | str] = {
            "Content-Type": self._content_type,
            "User-Agent": "thapcanh",
            "Idempotency-Key": due.id,
        }
        if self._is_token:
            headers["Authorization"] = b"Bearer " + self._secret
        else:
            headers[signature.HEADER] = signature.sign(body, self._secret, time.time())
        try:
            async with self._pool.stream(
                "POST", self._url, headers=headers, content=body, extensions=self._timeouts()
            ) as answer:
                attempt = of_http(answer.status, _location_host(answer))
                await _read_to_the_end(answer)
                return attempt
        except AddressRefused as error:
            return failed(str(error))
        except (httpcore.TimeoutException, TimeoutError):
            return failed(f"no answer within {self._timeout_s:g} s")
        except httpcore.ConnectError as error:
            return failed(f"no connection: {_cause(error)}")
        except _BROKEN as error:
            return failed(f"the connection broke: {_cause(error)}")
        except httpcore.UnsupportedProtocol:
            return failed("the address is not http:// or https://")

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    def _timeouts(self) -> dict[str, dict[str, float]]:
        return {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s)}


async def _read_to_the_end(answer: httpcore.Response) -> None:
    """Read a short body, so that the connection is used again; what it says is not asked for."""
    read = 0
    with suppress(TimeoutError, *_BROKEN, httpcore.TimeoutException):
        async with asyncio.timeout(_BODY_S):
            async for part in answer.aiter_stream():
                read += len(part)
                if read > _MOST_OF_BODY:
                    return


def _location_host(answer: httpcore.Response) -> str | None:
    """Where a redirect leads, without what its path or query may hold."""
    for name, value in answer.headers:
        if name.lower() == b"location":
            try:
                return urlsplit(value.decode("ascii", "replace")).hostname or "another path"
            except ValueError:
                return None
    return None


def _cause(error: Exception) -> str:
    """The kind of failure; libraries put addresses into their words."""
    inner: BaseException = error
    while (deeper := inner.__cause__ or inner.__context__) is not None:
        inner = deeper
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({inner.verify_message})"
    return str(getattr(inner, "strerror", None) or type(error).__name__)
