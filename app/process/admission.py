"""Admission control in front of every entry point: places and processor time per sender.

Thread-safe.
"""

import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

YOUNG_S = 1.0  # a holder that came just now has not had time to do what it came for
_MOST_DEBTORS = 20_000
_NETWORK_BITS = 64  # of an IPv6 address: who has one has all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorBudget:
    """Places at once, and how many a sender of each rank may hold.

    `gives_way`: when full, the oldest holder of the sender with a full share, or of the largest
    sender, is ended unless younger than `young_s`; otherwise the newcomer is refused.
    `leaves_free`: places that a sender of the first rank must leave. `seconds` of processor time
    per rank are allowed `within_s`.
    """

    places: int
    shares: Sequence[int]
    gives_way: bool = False
    young_s: float = YOUNG_S
    leaves_free: bool = False
    seconds: Sequence[float] = ()
    within_s: float = 3600.0


# The budget of every door, by name: `docs/security.md` shows this table, and a test compares it.
# The ranks of senders stand beside each. An agency is all accounts that are limited to the same
# agencies; an address is one of IPv4, or the /64 network of one of IPv6.
REQUEST_S = 0.005  # of a processor, for a stranger's request; one for a file costs less
FILE_REQUEST_S = 0.001

OFFICERS = DoorBudget(places=200, shares=(200, 48), leaves_free=True)  # agency, account
ACCOUNTS = DoorBudget(  # agency, account
    places=200, shares=(200, 24), leaves_free=True, seconds=(90.0, 30.0), within_s=60.0
)
STRANGERS = DoorBudget(places=64, shares=(24,), seconds=(0.5,), within_s=5.0)  # address
REFUSED = DoorBudget(places=4096, shares=(2048, 2048), seconds=(1.0, 0.5), within_s=10.0)
"""Agency and account, or the address twice: who is refused waits for the answer, with no place."""
HEALTH = DoorBudget(places=64, shares=(8,))  # address
STREAMS = DoorBudget(places=2000, shares=(1000, 96, 12), leaves_free=True)
"""Agency, account, session."""

WORK = DoorBudget(places=12, shares=(5, 3))  # agency, account: those that have a thread now
WORK_OF_OTHERS = DoorBudget(places=5, shares=(3, 2))  # of them who is no officer
LOGINS = DoorBudget(places=17, shares=(8,))  # address; one is checked at once, the others wait
PROVIDER_CALLS = DoorBudget(places=64, shares=(4,))  # address
PAIRINGS = DoorBudget(places=240, shares=(4,), gives_way=True, young_s=0.0)  # address

HEADS = DoorBudget(places=2048, shares=(512,), gives_way=True)  # address
BODIES_OF_STRANGERS = DoorBudget(places=256, shares=(24,), gives_way=True)  # address
BODIES_OF_ACCOUNTS = DoorBudget(places=512, shares=(256, 24), gives_way=True)  # agency, account
FILES_OF_ACCOUNTS = DoorBudget(places=6, shares=(2, 1))  # agency, account
FILES_OF_CREWS = DoorBudget(places=12, shares=(6, 2), gives_way=True)  # agency, account
FILES_OF_CALLERS = DoorBudget(places=12, shares=(2,), gives_way=True)  # link
FILES_OF_GATEWAYS = DoorBudget(places=8, shares=(4, 3), gives_way=True)  # agency, token

MEDIA_OF_STRANGERS = DoorBudget(places=1, shares=(1,), seconds=(240.0,))  # link or token
MEDIA_OF_CREWS = DoorBudget(places=1, shares=(1,), seconds=(600.0,))  # account
IMPORTS = DoorBudget(places=3, shares=(2, 1))  # agency, account

NEW_CONNECTIONS = DoorBudget(places=1024, shares=(128,), gives_way=True)  # address
DEVICE_CONNECTIONS = DoorBudget(places=4096, shares=(1024,), gives_way=True)
"""Address; a connection comes here with the first thing that it says and that is right."""
DATAGRAMS = DoorBudget(places=2000, shares=(1000,))  # address; those that wait to be read


class DoorPlace:
    """A held place; `leave` releases it, idempotent. One that `stays` is never ended."""

    def __init__(
        self, admission: "Admission", senders: Sequence[str], end: Callable[[], None] | None
    ) -> None:
        self.senders = senders
        self.since = admission.monotonic()
        self.end = end
        self.stays = False
        self._admission = admission

    def leave(self) -> None:
        self._admission.remove(self)


class Admission:
    """Holders of one entry point, oldest first, and what their senders spent."""

    def __init__(self, budget: DoorBudget, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.budget = budget
        self.monotonic = monotonic
        self._lock = threading.Lock()
        self._places: dict[DoorPlace, None] = {}
        self._counts: list[Counter[str]] = [Counter() for _ in budget.shares]
        self._debts: list[dict[str, tuple[float, float]]] = [{} for _ in budget.seconds]
        self.turned_away = 0

    def __len__(self) -> int:
        return len(self._places)

    def enter(
        self, senders: Sequence[str], end: Callable[[], None] | None = None
    ) -> DoorPlace | None:
        """Take a place for `senders`, a name for each rank; return None where there is none.

        `end` is called when the holder has to give way; its place is another's then.
        """
        place = DoorPlace(self, senders, end)
        with self._lock:
            may, oldest = self._is_let_in(senders, place.since)
            if not may:
                self.turned_away += 1
                return None
            self._count(place, 1)
        if oldest is not None and oldest.end is not None:
            oldest.end()
        return place

    @contextmanager
    def held(self, senders: Sequence[str], end: Callable[[], None] | None = None) -> Iterator[bool]:
        """Hold a place while the block runs; false where there is none."""
        place = self.enter(senders, end)
        try:
            yield place is not None
        finally:
            if place is not None:
                place.leave()

    def remove(self, place: DoorPlace) -> None:
        with self._lock:
            if place in self._places:
                self._count(place, -1)

    def has_room(self, senders: Sequence[str]) -> bool:
        """Return whether a sender would be given a place without another's giving way."""
        with self._lock:
            return self._full_rank(senders) is None and len(self._places) < self.budget.places

    def counts(self, senders: Sequence[str]) -> tuple[int, ...]:
        """Return how many places a sender holds, by rank."""
        with self._lock:
            return tuple(self._counts[rank][name] for rank, name in enumerate(senders))

    def charge(self, senders: Sequence[str], seconds: float) -> bool:
        """Charge a sender before its work; false, and nothing is charged, where less is left."""
        now = self.monotonic()
        with self._lock:
            for rank, allowed in enumerate(self.budget.seconds):
                if self._debt(rank, senders[rank], now) + seconds > allowed:
                    return False
            self._add_debt(senders, seconds, now)
        return True

    def correct(self, senders: Sequence[str], seconds: float) -> None:
        """Charge what was spent beyond what was charged before, or give back (below 0)."""
        with self._lock:
            self._add_debt(senders, seconds, self.monotonic())

    def wait_s(self, senders: Sequence[str]) -> float:
        """Return in how many seconds a sender has time left to spend; 0 is now."""
        now, budget = self.monotonic(), self.budget
        with self._lock:
            over = [
                (self._debt(rank, senders[rank], now) - allowed) * budget.within_s / allowed
                for rank, allowed in enumerate(budget.seconds)
            ]
        return max(0.0, *over) if over else 0.0

    def spent_s(self, senders: Sequence[str]) -> float:
        """Return what a sender of the last rank spent and was not forgiven yet."""
        with self._lock:
            rank = len(self._debts) - 1
            return self._debt(rank, senders[rank], self.monotonic()) if rank >= 0 else 0.0

    def _is_let_in(self, senders: Sequence[str], now: float) -> tuple[bool, DoorPlace | None]:
        """Return whether there is room, and who gave way for it."""
        rank = self._full_rank(senders)
        if rank is None and len(self._places) < self.budget.places:
            return True, None
        if not self.budget.gives_way or not self._places:
            return False, None
        going = (item for item in self._places if not item.stays)
        if rank is None:  # all places are taken: the oldest of whoever has most goes
            counts = self._counts[0]
            oldest = max(going, key=lambda item: counts[item.senders[0]], default=None)
        else:
            oldest = next((item for item in going if item.senders[rank] == senders[rank]), None)
        if oldest is None or now - oldest.since < self.budget.young_s:
            return False, None
        self._count(oldest, -1)
        return True, oldest

    def _full_rank(self, senders: Sequence[str]) -> int | None:
        """Return the narrowest rank whose share is full."""
        free = self.budget.places - len(self._places)
        for rank in reversed(range(len(senders))):
            count = self._counts[rank][senders[rank]]
            is_greedy = self.budget.leaves_free and rank == 0
            if count >= self.budget.shares[rank] or (is_greedy and count >= free):
                return rank
        return None

    def _count(self, place: DoorPlace, change: int) -> None:
        if change > 0:
            self._places[place] = None
        else:
            del self._places[place]
        for counts, name in zip(self._counts, place.senders, strict=True):
            counts[name] += change
            if not counts[name]:
                del counts[name]

    def _debt(self, rank: int, name: str, now: float) -> float:
        debt, at = self._debts[rank].get(name, (0.0, now))
        forgiven = (now - at) * self.budget.seconds[rank] / self.budget.within_s
        return max(0.0, debt - forgiven)

    def _add_debt(self, senders: Sequence[str], seconds: float, now: float) -> None:
        for rank, debts in enumerate(self._debts):
            debt = self._debt(rank, senders[rank], now) + seconds
            debts.pop(senders[rank], None)
            if debt > 0.0:
                debts[senders[rank]] = (debt, now)
            if len(debts) > _MOST_DEBTORS:  # who spent longest ago is forgiven
                del debts[next(iter(debts))]


def network_of(address: str) -> str:
    """Return who an address stands for: itself, or the network of an IPv6 address.

    One that is mapped into IPv6 is the same as without; a name stands for itself.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
