"""Fetches what a CAP feed publishes: only from the feed's own host, bounded, no redirects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, DummyCookieJar
from aiohttp.client_exceptions import InvalidURL
from yarl import URL

from thapcanh.alerts.delivery.webhook_sender import GuardedConnector, cause_of
from thapcanh.config.servers.cap_feeds import CapFeedConfig
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused

_PIECE = 65_536


class FeedUnread(Exception):
    """A feed, or a message of it, that cannot be fetched; one sentence without secrets."""


@dataclass(slots=True)
class Fetched:
    """What a server answered: nothing new is None; `headers` make the next request conditional."""

    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


class FeedClient:
    """Client of one feed, for one round of one loop."""

    def __init__(self, feed: CapFeedConfig, guard: AddressGuard) -> None:
        self._feed = feed
        host = URL(feed.url.reveal()).raw_host or ""
        self._session = ClientSession(
            connector=GuardedConnector(host, guard),
            timeout=ClientTimeout(total=feed.timeout_s),
            cookie_jar=DummyCookieJar(),
            headers={"User-Agent": "thapcanh", "Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def fetch(
        self, url: str, most_bytes: int, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """Return what stands at an address. Raise `FeedUnread`."""
        try:
            async with self._session.get(
                URL(url), headers=headers, allow_redirects=False
            ) as answer:
                if answer.status == 304 and headers:
                    return Fetched(None, headers)
                if answer.status != 200:
                    raise FeedUnread(f"the server answers {answer.status}")
                body = bytearray()
                async for part in answer.content.iter_chunked(_PIECE):
                    body += part
                    if len(body) > most_bytes:
                        raise FeedUnread(f"it is longer than {most_bytes} bytes")
                return Fetched(bytes(body), _conditions(answer.headers))
        except AddressRefused as error:
            raise FeedUnread(str(error)) from None
        except TimeoutError:
            raise FeedUnread(f"no answer within {self._feed.timeout_s:g} s") from None
        except ClientConnectorError as error:
            raise FeedUnread(f"no connection: {cause_of(error)}") from None
        except (InvalidURL, ValueError):
            raise FeedUnread("it names an address that is not http:// or https://") from None
        except (ClientError, OSError) as error:
            raise FeedUnread(f"the connection broke: {cause_of(error)}") from None


def _conditions(answered: Mapping[str, str]) -> dict[str, str]:
    pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
    return {ask: answered[name] for ask, name in pairs if name in answered}
