"""The upper site's side of a line: checks who asks, applies what comes, answers. Any thread.

A request counts once: it names a session that this process gave, and a number above the last. A
session is in force from its first right request on, so that an old request that is sent again
ends nothing.
"""

import secrets
import threading
from collections import deque
from dataclasses import dataclass, field

from thapcanh.alerts.links.link_keys import (
    ANSWER_FORM,
    REQUEST_FORM,
    answer_payload,
    is_signed,
    request_payload,
    site_key,
)
from thapcanh.alerts.links.link_records import Link, LinkRefused, PeerRole, SiteLinkRefusal
from thapcanh.app.links.link_way import LinkWay
from thapcanh.app.links.wire import Lane, LinkExchange, read_exchange

MOST_A_SECOND, MOST_AT_ONCE = 5.0, 40.0
"""Requests of one link: a line that has caught up asks every two seconds."""
_OFFERED = 4


class SessionNeeded(LinkRefused):
    """The request names no session in force; `session` is the one to begin with."""

    def __init__(self, session: str) -> None:
        super().__init__(SiteLinkRefusal.SESSION)
        self.session = session


@dataclass(slots=True)
class _Session:
    """What one lane of one link said last."""

    name: str = ""
    number: int = 0
    offered: deque[str] = field(default_factory=lambda: deque(maxlen=_OFFERED))


@dataclass(slots=True)
class _Budget:
    left: float = MOST_AT_ONCE
    at: float = 0.0


class LinkDoor:
    """Answers the lower sites of one upper site."""

    def __init__(self, way: LinkWay) -> None:
        self._way = way
        self._lock = threading.Lock()
        self._sessions: dict[tuple[str, Lane], _Session] = {}
        self._budgets: dict[str, _Budget] = {}

    def exchange(self, link_id: str, signature: str, body: bytes) -> tuple[bytes, str]:
        """Return the answer to a lower site's request and its signature. Raise `LinkRefused`."""
        link = self._way.repository.one(link_id)
        if link.peer is not PeerRole.LOWER:
            raise LinkRefused(SiteLinkRefusal.UNKNOWN)
        if not is_signed(link.public_key, REQUEST_FORM, request_payload(link_id, body), signature):
            raise LinkRefused(SiteLinkRefusal.SIGNATURE)
        self._charge(link_id)
        if link.ended_at is not None:
            raise LinkRefused(SiteLinkRefusal.ENDED)
        request = read_exchange(body)
        self._check_once(link_id, request)
        answer = self._answered(link, request).body()
        key = site_key(self._way.database)
        return answer, key.sign(ANSWER_FORM, answer_payload(signature, answer))

    def _answered(self, link: Link, request: LinkExchange) -> LinkExchange:
        way = self._way
        if request.ended:
            way.repository.end(None, link.id, way.now())
            return LinkExchange(lane=request.lane, now=way.now(), ended=True)
        way.settle(link, request.receipts)
        way.contact(link, request.now, request.tree)
        receipts = way.receive(link, request.items)
        items = way.next(link.id, request.lane) if request.lane is Lane.EVENTS else []
        return LinkExchange(
            lane=request.lane,
            session=request.session,
            number=request.number,
            now=way.now(),
            items=items,
            receipts=receipts,
            tree=way.tree_for(PeerRole.LOWER),
        )

    def _charge(self, link_id: str) -> None:
        """Take a request from a link's budget. Raise `LinkRefused` where it is used up."""
        now = self._way.now()
        with self._lock:
            budget = self._budgets.setdefault(link_id, _Budget(at=now))
            passed_s = max(0.0, now - budget.at)
            budget.left = min(MOST_AT_ONCE, budget.left + passed_s * MOST_A_SECOND)
            budget.at = now
            if budget.left < 1.0:
                raise LinkRefused(SiteLinkRefusal.FLOOD)
            budget.left -= 1.0

    def _check_once(self, link_id: str, request: LinkExchange) -> None:
        """Raise `SessionNeeded` unless the request is the next of its session."""
        with self._lock:
            session = self._sessions.setdefault((link_id, request.lane), _Session())
            if request.session and request.session in session.offered:
                session.name, session.number = request.session, 0
                session.offered.clear()
            if (
                not request.session
                or request.session != session.name
                or request.number <= session.number
            ):
                session.offered.append(secrets.token_urlsafe(18))
                raise SessionNeeded(session.offered[-1])
            session.number = request.number
