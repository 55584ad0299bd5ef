"""Fair scheduling of requests: no account and no agency can keep the others waiting.

Few requests are worked on at once, and of them one agency and one account have a part only. Others
wait without a thread; the next is one of the agency that has least in work. Belongs to the event
loop.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from alerts.accounts.account_records import User


@dataclass(frozen=True, slots=True, kw_only=True)
class FairLimits:
    """How many are worked on at once; fewer than there are threads."""

    at_once: int = 12
    of_agency: int = 4
    of_account: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOwner:
    """Whose a request is. `agency` names who share: all that are limited to the same agencies."""

    account: str
    agency: str


def owner_of(user: User) -> RequestOwner:
    """Whose the requests of an account are; one that sees every agency's shares with nobody."""
    agencies = user.scope.agencies
    shared = f"account {user.username}" if agencies is None else f"of {','.join(sorted(agencies))}"
    return RequestOwner(account=user.username, agency=shared)


class FairPlaces:
    """The places of those who are worked on."""

    def __init__(
        self,
        limits: FairLimits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits or FairLimits()
        self._monotonic = monotonic
        self._stuck_since: float | None = None
        self._accounts: Counter[str] = Counter()
        self._agencies: Counter[str] = Counter()
        self._waiting: list[tuple[RequestOwner, asyncio.Future[None]]] = []

    async def take(self, owner: RequestOwner) -> None:
        """Wait for a place and take it."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((owner, turn))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(owner)
            else:
                self._waiting.remove((owner, turn))
                self._let_in()
            raise

    def leave(self, owner: RequestOwner) -> None:
        """Give the place back."""
        self._count(owner, -1)
        self._stuck_since = None
        self._let_in()

    def stuck_s(self, now: float) -> float:
        """For how long all places have been taken by the same requests while others wait."""
        since = self._stuck_since
        return 0.0 if since is None else max(0.0, now - since)

    def _let_in(self) -> None:
        while (first := self._next()) is not None:
            self._waiting.remove(first)
            owner, turn = first
            self._count(owner, 1)
            turn.set_result(None)
        is_full = self._agencies.total() >= self._limits.at_once
        if not (is_full and any(not turn.done() for _, turn in self._waiting)):
            self._stuck_since = None
        elif self._stuck_since is None:
            self._stuck_since = self._monotonic()

    def _next(self) -> tuple[RequestOwner, asyncio.Future[None]] | None:
        """Who has least in work; of equals who came first."""
        if self._agencies.total() >= self._limits.at_once:
            return None
        waiting = (one for one in self._waiting if not one[1].done())  # given up: about to go
        may = [one for one in waiting if self._has_room(one[0])]
        return min(may, key=lambda one: self._in_work(one[0]), default=None)

    def _has_room(self, owner: RequestOwner) -> bool:
        of_agency, of_account = self._in_work(owner)
        return of_agency < self._limits.of_agency and of_account < self._limits.of_account

    def _in_work(self, owner: RequestOwner) -> tuple[int, int]:
        return self._agencies[owner.agency], self._accounts[owner.account]

    def _count(self, owner: RequestOwner, change: int) -> None:
        for counter, name in ((self._agencies, owner.agency), (self._accounts, owner.account)):
            counter[name] += change
            if not counter[name]:
                del counter[name]


class RequestPlace:
    """The place of one request, which is held while a thread works on it."""

    def __init__(self, places: FairPlaces, owner: RequestOwner) -> None:
        self._places = places
        self._owner = owner
        self._is_held = False

    async def take(self) -> None:
        """Wait for the place."""
        await self._places.take(self._owner)
        self._is_held = True

    def leave(self) -> None:
        """Give it back; again is fine."""
        if self._is_held:
            self._is_held = False
            self._places.leave(self._owner)
