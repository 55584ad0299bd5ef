"""Connection to S3-compatible storage: botocore limited to one host."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from thapcanh.alerts.store.errors import (
    EvidenceError,
    EvidenceFailed,
    EvidenceFull,
    EvidenceMissing,
    EvidenceStoreWrong,
)
from thapcanh.config.storage import S3Config
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused

_CONNECT_TIMEOUT_S = 3.0
_READ_TIMEOUT_S = 10.0
_CONNECTIONS = 32
_PIECE_BYTES = 256 * 1024
_LEAST_BYTES_A_SECOND = 32 * 1024
"""Slower, after the first `_READ_TIMEOUT_S`, is given up: it would hold a thread for days."""
_PLAIN = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_CODE = re.compile(r"^[A-Za-z0-9.]{1,64}$")
_NO_FILE = frozenset({"NoSuchKey", "404"})
_FULL = frozenset(
    {
        "QuotaExceeded",
        "XMinioStorageFull",
        "XMinioAdminBucketQuotaExceeded",
        "507",
        "TooManyObjects",
    }
)
_REFUSED = frozenset(
    {
        "AccessDenied",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "AllAccessDisabled",
        "401",
        "403",
    }
)
_ELSEWHERE = frozenset(
    {
        "PermanentRedirect",
        "TemporaryRedirect",
        "AuthorizationHeaderMalformed",
        "301",
        "302",
        "307",
        "308",
    }
)


class S3LibraryMissing(EvidenceError):
    """Missing extra `s3`."""


class S3Connection:
    """Client of one bucket; thread-safe, connects at first use."""

    def __init__(self, settings: S3Config, guard: AddressGuard) -> None:
        self.bucket = settings.bucket
        self.shown = f"{settings.endpoint}/{settings.bucket}/{settings.prefix}".rstrip("/")
        self.prefix = f"{settings.prefix}/" if settings.prefix else ""
        self._host = urlsplit(settings.endpoint).netloc
        self.client = _client(settings)
        self.client.meta.events.register("before-send.s3", self._stay)
        _guard(self.client, guard)

    def key(self, relative: str) -> str | None:
        """Return the whole key below the prefix, or None for an unsafe name."""
        is_plain = _PLAIN.fullmatch(relative) and not {".", ".."} & set(relative.split("/"))
        return self.prefix + relative if is_plain else None

    @contextmanager
    def named(self, what: str) -> Iterator[None]:
        """Convert botocore's errors. Raise `EvidenceMissing` for a missing file."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            raise self._refusal(error.response, what) from None
        except (BotoCoreError, OSError) as error:
            why = _why(error)
            raise EvidenceFailed(f"S3 store {self.shown} does not answer ({why}): {what}") from None

    def pieces(self, reply: Any, what: str) -> Iterator[bytes]:
        """Yield a reply's bytes and close it. Raise `EvidenceFailed`.

        The time limit counts the store's time only, not the reader's.
        """
        from urllib3.exceptions import HTTPError

        body = reply["Body"]
        size, waited_s = 0, 0.0
        try:
            while size < int(reply["ContentLength"]):
                began_at = time.monotonic()
                piece = body._raw_stream.read1(_PIECE_BYTES)  # `read` would wait for a whole piece
                waited_s += time.monotonic() - began_at
                if not piece:
                    raise EvidenceFailed(f"S3 store {self.shown} breaks off: {what}")
                size += len(piece)
                if waited_s > _READ_TIMEOUT_S + size / _LEAST_BYTES_A_SECOND:
                    raise EvidenceFailed(f"S3 store {self.shown} is too slow: {what}")
                yield piece
        except HTTPError as error:
            why = type(error).__name__
            raise EvidenceFailed(f"S3 store {self.shown} breaks off ({why}): {what}") from None
        finally:
            body.close()

    def _stay(self, request: Any, **_: Any) -> None:
        host = urlsplit(request.url).netloc
        if host not in {self._host, f"{self.bucket}.{self._host}"}:
            raise EvidenceFailed(f"S3 store {self.shown} leads to another host: not followed")

    def _refusal(self, response: Any, what: str) -> EvidenceError:
        reported = str(response.get("Error", {}).get("Code", ""))
        code = reported if _CODE.match(reported) else "an answer that is none"
        status = str(response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        logged = {code, status}
        if code == "NoSuchBucket":
            return EvidenceStoreWrong(f"S3 store {self.shown}: there is no such bucket")
        if logged & _NO_FILE:
            return EvidenceMissing(f"{what} is not in the S3 store")
        if logged & _FULL:
            return EvidenceFull(f"S3 store {self.shown}: no room for {what} ({code})")
        if logged & _ELSEWHERE:
            return EvidenceFailed(
                f"S3 store {self.shown} sends us elsewhere ({code}), which is not followed: "
                "correct its endpoint or region"
            )
        if logged & _REFUSED:
            return EvidenceFailed(f"S3 store {self.shown} refuses our key ({code})")
        return EvidenceFailed(f"S3 store {self.shown}: {what}: {code}")


def _client(settings: S3Config) -> Any:
    session = _session()
    from botocore.config import Config

    return session.create_client(
        "s3",
        region_name=settings.region,
        endpoint_url=settings.endpoint,
        aws_access_key_id=settings.key_id.get_secret_value(),
        aws_secret_access_key=settings.secret.get_secret_value(),
        verify=str(settings.ca) if settings.ca else True,
        config=Config(
            connect_timeout=_CONNECT_TIMEOUT_S,
            read_timeout=_READ_TIMEOUT_S,
            retries={"total_max_attempts": 1},
            max_pool_connections=_CONNECTIONS,
            proxies={},
            request_checksum_calculation="when_required",  # trailers that older stores do not know
            response_checksum_validation="when_required",
            s3={
                "addressing_style": "path" if settings.path_style else "virtual",
                "payload_signing_enabled": True,  # the store compares what arrives with its hash
                "us_east_1_regional_endpoint": "regional",
            },
        ),
    )


def _guard(client: Any, guard: AddressGuard) -> None:
    """Install the guard on the client's connection pools; there is no public way."""
    from thapcanh.ingest.guarded_http import guarded_pool

    pools = client._endpoint.http_session._pool_classes_by_scheme  # its pool manager's own
    for scheme, pool in tuple(pools.items()):
        pools[scheme] = guarded_pool(pool, guard)


def _why(error: Exception) -> str:
    """Return what went wrong, without the library's text."""
    inner = getattr(error, "kwargs", {}).get("error")
    return str(inner) if isinstance(inner, AddressRefused) else type(error).__name__


@cache
def _session() -> Any:
    """Return a session without profiles, cached as it is slow to make. Raise `S3LibraryMissing`."""
    try:
        from botocore.session import Session
    except ImportError:
        raise S3LibraryMissing(
            'store = "s3" needs the extra s3: pip install "thapcanh[s3]"'
        ) from None
    nothing = (None, None, None, None)
    names = ("profile", "config_file", "credentials_file", "endpoint_url")
    return Session(session_vars=dict.fromkeys(names, nothing))
