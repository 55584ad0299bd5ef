"""Fair scheduling of requests between agencies and accounts, officers first.

Others wait without a thread; the next is of the agency with the least in work, then of the account
that spent least. Belongs to the event loop.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.store.roles import Role
from thapcanh.app.process.admission import WORK, WORK_OF_OTHERS, Admission, DoorPlace

_OFFICERS = frozenset({Role.OPERATOR, Role.LEADER})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOwner:
    """Whose a request is. `agency` names who share: all that are limited to the same agencies."""

    account: str
    agency: str
    session: str = ""
    is_officer: bool = False

    @property
    def senders(self) -> Sequence[str]:
        """The ranks of a budget of accounts: agency, account."""
        return (self.agency, self.account)


def owner_of(user: User, session: str = "", *, is_program: bool = False) -> RequestOwner:
    """Return whom an account's requests count for: its agencies, or itself."""
    agencies = user.scope.agencies
    shared = f"account {user.username}" if agencies is None else f"of {','.join(sorted(agencies))}"
    return RequestOwner(
        account=user.username,
        agency=shared,
        session=session,
        is_officer=not is_program and bool(user.roles & _OFFICERS),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    senders: Sequence[str]
    is_officer: bool
    turn: "asyncio.Future[WorkPlace]"


class WorkPlace:
    """A place among those that are worked on; `leave` gives it back, twice is fine."""

    def __init__(self, turns: "FairPlaces", waiting: _Waiting, places: Sequence[DoorPlace]) -> None:
        self.senders, self.is_officer = waiting.senders, waiting.is_officer
        self.places = places
        self._turns = turns

    def leave(self) -> None:
        self._turns.end(self)


class FairPlaces:
    """Scheduler of requests in work and waiting.

    `of_others` limits non-officers; `charged` gets the duration of their turns.
    """

    def __init__(
        self,
        admission: Admission,
        of_others: Admission | None = None,
        charged: Admission | None = None,
    ) -> None:
        self._admission = admission
        self._others = of_others
        self._charged = charged
        self._waiting: list[_Waiting] = []
        self._in_work: set[WorkPlace] = set()
        self._stuck_since: float | None = None
        self._again: asyncio.TimerHandle | None = None

    async def take(self, senders: Sequence[str], *, is_officer: bool = False) -> WorkPlace:
        """Wait for a turn and take it."""
        coming: asyncio.Future[WorkPlace] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(senders, is_officer, coming)
        self._waiting.append(waiting)
        self._let_in()
        try:
            return await coming
        except asyncio.CancelledError:
            if coming.done() and not coming.cancelled():
                coming.result().leave()
            else:
                self._waiting.remove(waiting)
                self._let_in()
            raise

    def end(self, turn: WorkPlace) -> None:
        if turn not in self._in_work:
            return
        self._in_work.discard(turn)
        if self._charged is not None and not turn.is_officer:
            lasted_s = self._admission.monotonic() - turn.places[0].since
            self._charged.correct(turn.senders, lasted_s)
        for place in turn.places:
            place.leave()
        self._stuck_since = None
        self._let_in()

    def stuck_s(self, now: float) -> float:
        """Return for how long the same requests have held all places while others wait."""
        since = self._stuck_since
        return 0.0 if since is None else max(0.0, now - since)

    def _let_in(self) -> None:
        while (first := self._next()) is not None and (places := self._places(first)):
            self._waiting.remove(first)
            turn = WorkPlace(self, first, places)
            self._in_work.add(turn)
            first.turn.set_result(turn)
        is_full = len(self._admission) >= self._admission.budget.places
        waits = any(not item.turn.done() for item in self._waiting)
        if not (is_full and waits):
            self._stuck_since = None
        elif self._stuck_since is None:
            self._stuck_since = self._admission.monotonic()
        if waits:
            self._look_again()

    def _next(self) -> _Waiting | None:
        """Return the next request: officers first, then the least served, then the oldest."""
        if len(self._admission) >= self._admission.budget.places:
            return None
        may = [item for item in self._waiting if not item.turn.done() and self._may_start(item)]
        return min(may, key=self._rank, default=None)

    def _rank(self, item: _Waiting) -> tuple[Sequence[int], bool, float]:
        counts = self._admission.counts(item.senders)
        return (counts, not item.is_officer, self._admission.spent_s(item.senders))

    def _may_start(self, item: _Waiting) -> bool:
        if not self._admission.has_room(item.senders):
            return False
        if item.is_officer or self._others is None:
            return True
        return self._others.has_room(item.senders) and self._wait_s(item) <= 0.0

    def _wait_s(self, item: _Waiting) -> float:
        return 0.0 if self._charged is None else self._charged.wait_s(item.senders)

    def _places(self, item: _Waiting) -> Sequence[DoorPlace]:
        doors = [self._admission]
        if not item.is_officer and self._others is not None:
            doors.append(self._others)
        return [place for door in doors if (place := door.enter(item.senders)) is not None]

    def _look_again(self) -> None:
        """Let in later who waits for nothing but that his seconds are forgiven."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        waits = [
            wait_s
            for item in self._waiting
            if not item.is_officer and not item.turn.done() and (wait_s := self._wait_s(item)) > 0.0
        ]
        if waits:
            loop = asyncio.get_running_loop()
            self._again = loop.call_later(max(0.02, min(waits)), self._let_in)


def request_turns(charged: Admission) -> FairPlaces:
    clock = charged.monotonic
    return FairPlaces(Admission(WORK, clock), Admission(WORK_OF_OTHERS, clock), charged)


class RequestPlace:
    """Turn of one request, held while a thread works on it."""

    def __init__(self, turns: FairPlaces, owner: RequestOwner) -> None:
        self._turns = turns
        self._owner = owner
        self._turn: WorkPlace | None = None

    async def take(self) -> None:
        """Wait for the turn."""
        owner = self._owner
        self._turn = await self._turns.take(owner.senders, is_officer=owner.is_officer)

    def leave(self) -> None:
        """Give it back; again is fine."""
        if self._turn is not None:
            self._turn.leave()
            self._turn = None
