"""The alerts of a centre, as a program follows them over HTTP.

The open ones come first, then each change, for as long as the caller goes on asking. A connection
that breaks is made again, and what was missed meanwhile is told then. On the caller's thread.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.detection.event import Box
from thapcanh.ingest.backoff import Backoff

_ALERTS = "/api/v1/alerts"
_STREAM = "/api/v1/stream"
_OPEN = ",".join(state for state in AlertState if state is not AlertState.CLOSED)
_PAGE = 200
_CONNECT_S, _READ_S = 5.0, 10.0  # a heartbeat comes every 2 s
_AGAIN = Backoff(first_s=0.5, longest_s=30.0)
_REFUSED = range(400, 500)  # but for those after which waiting helps
_LATER = frozenset({408, 425, 429})


class CentreRefused(Exception):
    """The centre does not let this token follow its alerts; asking again does not help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedAlert:
    """An alert as it is now; a higher `version` is newer.

    `raised_at` is UTC in unix seconds, `box` is x, y, width, height in shares (0..1) of the
    picture, `priority` 1 is the most urgent. `belief` is None where nobody told any; `exercise` is
    a drill. `camera`, `agency`, `area` are ids, `owner` is the account that answers it.
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


def follow(centre: str, token: str, *, ca_file: Path | None = None) -> Iterator[FollowedAlert]:
    """The open alerts of a centre (`https://…`), then each that is raised or changes.

    The token has the power `read` (`thapcanh token add`). An alert may come twice in one version,
    and the last to come of it is `closed`. `ca_file` holds the authority of the centre's
    certificate, where the usual ones do not. Raise `CentreRefused` for a token that may not.
    """
    with requests.Session() as http:
        http.trust_env = False  # a login in .netrc would go before the token
        http.headers["Authorization"] = f"Bearer {token}"
        http.verify = True if ca_file is None else str(ca_file)
        yield from _Following(http, centre.rstrip("/")).alerts()


class _Following:
    """One program's place in the stream of changes."""

    def __init__(self, http: requests.Session, centre: str) -> None:
        self._http = http
        self._centre = centre
        self._open: set[str] = set()
        self._seq = ""
        self._failures = 0

    def alerts(self) -> Iterator[FollowedAlert]:
        while True:
            try:
                yield from self._heard()
            except requests.RequestException:
                self._failures += 1
            time.sleep(_AGAIN.wait_s(self._failures))

    def _heard(self) -> Iterator[FollowedAlert]:
        """What one connection tells, until it ends."""
        headers = {"Last-Event-ID": self._seq} if self._seq else {}
        with self._get(_STREAM, headers=headers, stream=True) as reply:
            for name, seq, data in _events(reply):
                self._failures = 0
                if name == "gap" or not self._seq:
                    yield from self._listed()
                if name == "change":
                    yield self._seen(data["alert"])
                self._seq = seq

    def _listed(self) -> Iterator[FollowedAlert]:
        """Every open alert, and how those ended that were open when we last heard."""
        before, self._open = self._open, set()
        query: dict[str, Any] = {"state": _OPEN, "limit": _PAGE}
        while True:
            page = self._get(_ALERTS, params=query).json()
            yield from map(self._seen, page["items"])
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        for alert_id in before - self._open:
            yield self._seen(self._get(f"{_ALERTS}/{alert_id}").json())

    def _seen(self, told: dict[str, Any]) -> FollowedAlert:
        alert = _alert(told)
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


def _alert(told: dict[str, Any]) -> FollowedAlert:
    owner = told["owner"]
    same = {name: told[name] for name in _SAME}
    x, y, width, height = told["box"]
    return FollowedAlert(
        state=AlertState(told["state"]),
        box=(x, y, width, height),
        raised_at=datetime.fromisoformat(told["raised_at"]).timestamp(),
        owner=None if owner is None else owner["username"],
        **same,
    )


_SAME = frozenset(FollowedAlert.__dataclass_fields__) - {"state", "box", "raised_at", "owner"}


def _sentence(reply: requests.Response) -> str:
    try:
        return str(reply.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return reply.reason
