"""Subscription to a camera's events by PullPoint (ONVIF Core)."""

import asyncio
import copy
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from thapcanh.ingest.errors import CameraRefused, NotOnvif, SourceError, Unanswered
from thapcanh.ingest.onvif.answers import at
from thapcanh.ingest.onvif.event_topics import OnvifEvent, read_messages
from thapcanh.ingest.onvif.records import OnvifLogin
from thapcanh.ingest.onvif.soap import OnvifSession, onvif_session

REQUESTED_FOR_S = 60.0
_SHORTEST_S, _LONGEST_S = 5.0, 3600.0
_SHORT_PULL_S = 5.0
_RENEW_AT = 0.5  # of what the camera granted
_MOST_PARAMETERS = 8
_MOST_BYTES = 256 << 10
"""Of messages: some hundreds. The library reads them for 0.5 s and more, and all wait for it."""
_LARGEST_PARAMETER = 2048
_ADDRESSING = "http://www.w3.org/2005/08/addressing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Times in seconds."""

    open_s: float = 20.0
    pull_s: float = 20.0
    answer_s: float = 10.0
    """Beyond what the camera may wait for a message."""
    unsubscribe_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """Content of one response; `others` counts messages about something else."""

    events: Sequence[OnvifEvent]
    others: int


class PullPoint:
    """Subscription, made by `pull_point`. Its methods raise a `SourceError`."""

    def __init__(self, login: OnvifLogin, session: OnvifSession, waits: Waits) -> None:
        self._login = login
        self._session = session
        self._waits = waits
        self._pull_s = waits.pull_s
        self._address: str | None = None
        self._parameters: list[Any] = []
        self._told_at: datetime | None = None  # by the camera's clock
        self._is_absolute = False
        self._renew_at = 0.0

    async def subscribe(self) -> None:
        """Request a subscription from the camera."""
        desired = {"InitialTerminationTime": self._termination()}
        response = await self._session.ask("events", "CreatePullPointSubscription", desired)
        reference = at(response, "SubscriptionReference")
        address = at(reference, "Address", "_value_1")
        if not isinstance(address, str) or not address.strip():
            raise NotOnvif(self._login.service, problem="it gave no address of the subscription")
        self._address = address.strip()
        self._parameters = _parameters(at(reference, "ReferenceParameters", "_value_1"))
        self._granted(response)

    async def pull(self) -> Pulled:
        """Wait for messages, for as long as the camera holds its answer; renew where it is time."""
        if asyncio.get_running_loop().time() >= self._renew_at:
            await self._renew()
        try:
            response = await self._pulled()
        except CameraRefused:
            if self._pull_s <= _SHORT_PULL_S:
                raise
            self._pull_s = _SHORT_PULL_S  # not every camera waits for so long
            response = await self._pulled()
        events, others = read_messages(response)
        return Pulled(events=events, others=others)

    def spare_s(self) -> float:
        """Return the seconds until it must be renewed."""
        return max(0.0, self._renew_at - asyncio.get_running_loop().time())

    async def unsubscribe(self) -> None:
        """End the subscription: cameras have few."""
        if self._address is not None:
            await self._ask("subscription", "Unsubscribe", {})

    async def _pulled(self) -> Any:
        with self._session.answering_within(self._pull_s + self._waits.answer_s, _MOST_BYTES):
            wait = timedelta(seconds=self._pull_s)
            return await self._ask(
                "pullpoint", "PullMessages", {"Timeout": wait, "MessageLimit": 50}
            )

    async def _renew(self) -> None:
        """Renew it; on failure it continues until the camera ends it."""
        try:
            self._granted(
                await self._ask("subscription", "Renew", {"TerminationTime": self._termination()})
            )
        except (CameraRefused, NotOnvif):
            self._renew_at = asyncio.get_running_loop().time() + _RENEW_AT * REQUESTED_FOR_S

    async def _ask(self, service: str, operation: str, requested: dict[str, Any]) -> Any:
        headers = {"_soapheaders": copy.deepcopy(self._parameters)} if self._parameters else {}
        return await self._session.at(service, self._address or "", operation, requested | headers)

    def _termination(self) -> str:
        """Return the requested end: a duration, or an absolute time by the camera's clock."""
        if self._is_absolute and self._told_at is not None:
            until = self._told_at + timedelta(seconds=REQUESTED_FOR_S)
            return until.strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"PT{REQUESTED_FOR_S:.0f}S"

    def _granted(self, response: Any) -> None:
        told_at, ends_at = at(response, "CurrentTime"), at(response, "TerminationTime")
        granted_s = _between_s(told_at, ends_at)
        self._told_at = told_at if isinstance(told_at, datetime) else None
        if granted_s is None or granted_s <= 0:
            self._is_absolute = granted_s is not None and not self._is_absolute
            granted_s = _SHORTEST_S if self._is_absolute else REQUESTED_FOR_S
        granted_s = min(_LONGEST_S, max(_SHORTEST_S, granted_s))
        self._pull_s = min(self._pull_s, max(1.0, granted_s * _RENEW_AT))
        self._renew_at = asyncio.get_running_loop().time() + granted_s * _RENEW_AT


@asynccontextmanager
async def pull_point(login: OnvifLogin, waits: Waits | None = None) -> AsyncIterator[PullPoint]:
    """Open a subscription and cancel it at the end. Raise a `SourceError`."""
    chosen = waits or Waits()
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(chosen.open_s):
                session = await stack.enter_async_context(onvif_session(login))
                point = PullPoint(login, session, chosen)
                await point.subscribe()
        except TimeoutError:
            raise Unanswered(
                login.service,
                problem=f"it did not begin to tell events within {chosen.open_s:.0f} s",
                way_out="restart the camera",
            ) from None
        try:
            yield point
        finally:
            with suppress(SourceError, TimeoutError):
                async with asyncio.timeout(chosen.unsubscribe_s):
                    await point.unsubscribe()


def _between_s(start: Any, end: Any) -> float | None:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    return (end.replace(tzinfo=None) - start.replace(tzinfo=None)).total_seconds()


def _parameters(provided: Any) -> list[Any]:
    """Return the reference parameters to send back as headers (WS-Addressing)."""
    from lxml import etree

    listed = provided if isinstance(provided, list) else []
    found = []
    for one in listed[:_MOST_PARAMETERS]:
        if not isinstance(one, etree._Element) or not isinstance(one.tag, str):
            continue
        if len(etree.tostring(one)) <= _LARGEST_PARAMETER:
            parameter = copy.deepcopy(one)
            parameter.set(f"{{{_ADDRESSING}}}IsReferenceParameter", "true")
            parameter.tail = None
            found.append(parameter)
    return found
