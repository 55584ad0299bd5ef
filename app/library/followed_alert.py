"""Alerts of a centre, followed by a program over HTTP.

Permanent failures raise `CentreRefused` at once. Runs on the caller's thread.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.app.replay.replayed_event import public_repr
from thapcanh.detection.event import Box
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.errors import first_line

log = logging.getLogger(__name__)
_ALERTS = "/api/v1/alerts"
_STREAM = "/api/v1/stream"
_OPEN = ",".join(state for state in AlertState if state is not AlertState.CLOSED)
_PAGE = 200
_CONNECT_S, _READ_S = 5.0, 10.0  # a heartbeat comes every 2 s
_AGAIN = Backoff(first_s=0.5, longest_s=30.0)
_REFUSED = range(400, 500)  # but for those after which waiting helps
_LATER = frozenset({408, 425, 429})


class CentreRefused(Exception):
    """The alerts cannot be followed with this address or token; asking again does not help."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FollowedAlert:
    """An alert as it is now; a higher `version` is newer.

    `raised_at` is UTC in unix seconds, `box` is x, y, width, height in shares (0..1) of the
    picture, `priority` 1 is the most urgent. `belief` is None if unknown; `exercise` is a drill.
    `camera`, `agency`, `area` are ids, `owner` is the account that answers it.
    """

    id: str
    number: str
    version: int
    kind: str
    state: AlertState
    priority: int
    belief: float | None
    box: Box
    label: str
    confidence: float
    camera: str
    camera_name: str
    place: str | None
    agency: str | None
    area: str | None
    raised_at: float
    owner: str | None
    exercise: bool

    __repr__ = public_repr("Alert")


def follow(
    centre: str,
    token: str,
    *,
    ca_file: str | os.PathLike[str] | None = None,
    timeout: float | None = None,
    on_retry: Callable[[str], None] | None = None,
    language: str = "en",
) -> Iterator[FollowedAlert]:
    """Yield the open alerts of a centre (`https://…`), then each that is raised or changes.

    The token needs the power `read` (`thapcanh token add`). An alert may come twice in one version,
    and its last one is `closed`. `ca_file` holds the authority of the centre's certificate, if it
    is not a usual one. `on_retry` is called with the reason before each new attempt, and each is
    logged as a warning. `language` (en, vi) is that of refusals.

    Raise `CentreRefused` at once for what waiting cannot change: an invalid address, an untrusted
    certificate, missing TLS, a token without the power. Raise `TimeoutError` when the centre has
    not answered for `timeout` seconds; None waits for ever.
    """
    parts = urlsplit(centre)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CentreRefused(f"{parts.hostname or centre!r}: begin the address with https://")
    return _followed(centre.rstrip("/"), token, ca_file, _Retries(timeout, on_retry), language)


def _followed(
    centre: str,
    token: str,
    ca_file: str | os.PathLike[str] | None,
    retries: "_Retries",
    language: str,
) -> Iterator[FollowedAlert]:
    with requests.Session() as http:
        http.trust_env = False  # a login in .netrc would go before the token
        http.headers["Authorization"] = f"Bearer {token}"
        http.headers["Accept-Language"] = language
        http.verify = True if ca_file is None else os.fspath(ca_file)
        yield from _Following(http, centre, retries).alerts()


class _Retries:
    """Waiting times for a centre that does not answer."""

    def __init__(self, timeout_s: float | None, on_retry: Callable[[str], None] | None) -> None:
        self._timeout_s = timeout_s
        self._on_retry = on_retry
        self._failures = 0
        self._answered_at = time.monotonic()

    def succeeded(self) -> None:
        """Reset the wait, because the centre has answered."""
        self._failures = 0
        self._answered_at = time.monotonic()

    def wait(self, centre: str, reason: str) -> None:
        """Wait until the next attempt, or raise `TimeoutError`."""
        self._failures += 1
        left_s = _AGAIN.wait_s(self._failures)
        if self._timeout_s is not None:
            left_s = min(left_s, self._answered_at + self._timeout_s - time.monotonic())
            if left_s <= 0.0:
                raise TimeoutError(f"{centre}: no answer for {self._timeout_s:g} s: {reason}")
        log.warning("%s: %s; next attempt in %.1f s", centre, reason, left_s)
        if self._on_retry is not None:
            self._on_retry(reason)
        time.sleep(left_s)


class _Following:
    """Position of one program in the stream of changes."""

    def __init__(self, http: requests.Session, centre: str, retries: _Retries) -> None:
        self._http = http
        self._retries = retries
        self._centre = centre
        self._open: set[str] = set()
        self._seq = ""

    def alerts(self) -> Iterator[FollowedAlert]:
        while True:
            reason = "the centre closed the stream"
            try:
                yield from self._received()
            except OSError as error:
                reason = _reason(error)
                if why := _hopeless(error):
                    raise CentreRefused(f"{self._centre}: {why} ({reason})") from None
            self._retries.wait(self._centre, reason)

    def _received(self) -> Iterator[FollowedAlert]:
        """Yield the changes of one connection, until it ends."""
        headers = {"Last-Event-ID": self._seq} if self._seq else {}
        with self._get(_STREAM, headers=headers, stream=True) as reply:
            for name, seq, data in _events(reply):
                self._retries.succeeded()
                if name == "gap" or not self._seq:
                    yield from self._listed()
                if name == "change":
                    yield self._visible(data["alert"])
                self._seq = seq

    def _listed(self) -> Iterator[FollowedAlert]:
        """Yield every open alert, and the end of those that closed since the last connection."""
        before, self._open = self._open, set()
        query: dict[str, Any] = {"state": _OPEN, "limit": _PAGE}
        while True:
            page = self._get(_ALERTS, params=query).json()
            yield from map(self._visible, page["items"])
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        for alert_id in before - self._open:
            yield self._visible(self._get(f"{_ALERTS}/{alert_id}").json())

    def _visible(self, document: dict[str, Any]) -> FollowedAlert:
        alert = _alert(document)
        if alert.state is AlertState.CLOSED:
            self._open.discard(alert.id)
        else:
            self._open.add(alert.id)
        return alert

    def _get(self, path: str, **how: Any) -> requests.Response:
        reply = self._http.get(
            f"{self._centre}{path}", timeout=(_CONNECT_S, _READ_S), allow_redirects=False, **how
        )
        if reply.status_code in _REFUSED and reply.status_code not in _LATER:
            raise CentreRefused(f"{self._centre}: {reply.status_code} {_sentence(reply)}")
        if not reply.ok or reply.is_redirect:
            raise requests.HTTPError(f"{self._centre}: {reply.status_code}", response=reply)
        return reply


def _hopeless(error: OSError) -> str:
    """Return why waiting cannot change this failure; empty where it can."""
    if isinstance(error, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return "its certificate is not trusted; give that of its authority as ca_file"
        return "it speaks no TLS that we do; is it http://?"
    wrong = requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader
    if isinstance(error, wrong):
        return "the address or the token has letters that cannot stand there"
    if not isinstance(error, requests.RequestException):
        return "ca_file cannot be read"  # requests raises OSError by itself for this alone
    return ""


def _reason(error: BaseException) -> str:
    """Return the innermost cause in one line: urllib3 wraps it several times."""
    while inner := getattr(error, "reason", None) or next(
        (each for each in error.args if isinstance(each, BaseException)), None
    ):
        if not isinstance(inner, BaseException):
            break
        error = inner
    return first_line(error)


def _events(reply: requests.Response) -> Iterator[tuple[str, str, Any]]:
    """Name, id and data of each server-sent event."""
    fields: dict[str, str] = {}
    for line in reply.iter_lines(chunk_size=None, decode_unicode=False):
        if line:
            name, _, value = line.decode().partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            yield fields["event"], fields["id"], json.loads(fields["data"])
        fields = {}


def _alert(document: dict[str, Any]) -> FollowedAlert:
    owner = document["owner"]
    same = {name: document[name] for name in _SAME}
    x, y, width, height = document["box"]
    return FollowedAlert(
        state=AlertState(document["state"]),
        box=(x, y, width, height),
        raised_at=datetime.fromisoformat(document["raised_at"]).timestamp(),
        owner=None if owner is None else owner["username"],
        **same,
    )


_SAME = frozenset(FollowedAlert.__dataclass_fields__) - {"state", "box", "raised_at", "owner"}


def _sentence(reply: requests.Response) -> str:
    try:
        return str(reply.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return reply.reason
