"""Accounts of one agency that ask too much together: the others go on, and none waits for ever."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import Centre, Desk, serving
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.process.admission import ACCOUNTS, WORK, WORK_OF_OTHERS, Admission, DoorBudget
from thapcanh.app.web_api.access.login_service import LoginService, SignedIn
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.middleware import concurrency_limit
from thapcanh.app.web_api.middleware.fair_places import (
    FairPlaces,
    WorkPlace,
    owner_of,
    request_turns,
)

ALPHA, BRAVO = DataFilter(agencies=frozenset({"alpha"})), DataFilter(agencies=frozenset({"bravo"}))
FLOODERS, EACH = 6, 4
LIMITS = DoorBudget(places=5, shares=(3, 2))


def _owner(account: str, agency: str = "alpha") -> tuple[str, str]:
    return (agency, account)


class _Held:
    """Answers of the archive to one agency last until they are let go."""

    def __init__(self, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let_go = threading.Event()
        self.inside = threading.Semaphore(0)
        self.most = self._now = 0
        self._lock = threading.Lock()
        self._alerts = centre.archive.alerts
        monkeypatch.setattr(centre.archive, "alerts", self._answer)

    def _answer(self, wanted: Any, *rest: Any, **options: Any) -> Any:
        if wanted.scope == ALPHA:
            with self._lock:
                self._now += 1
                self.most = max(self.most, self._now)
            self.inside.release()
            assert self.let_go.wait(PATIENCE_S)
            with self._lock:
                self._now -= 1
        return self._alerts(wanted, *rest, **options)


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(FLOODERS * EACH) as threads:
        yield threads


def _cookie(served: Any, name: str) -> dict[str, str]:
    """A session without the price of a password."""
    here: AppState = served.app.state.here
    user = here.services.archive.user(name)
    assert user is not None
    opened: SignedIn = here.part(LoginService).admit(user, "127.0.0.1")
    return {"Cookie": f"thapcanh_session={opened.token}"}


def test_a_flood_by_one_agencys_accounts_leaves_another_agency_served(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, crowd: ThreadPoolExecutor
) -> None:
    monkeypatch.setattr(concurrency_limit, "REFUSED_AFTER_S", (0.0, 0.1))
    few = DoorBudget(places=30, shares=(30, 30), leaves_free=True)
    monkeypatch.setattr(concurrency_limit, "OFFICERS", few)
    names = [f"alpha-{number}" for number in range(FLOODERS)]
    for name in names:
        centre.add_user(name, Role.OPERATOR, scope=ALPHA)
    centre.add_user("binh", Role.OPERATOR, scope=BRAVO)
    held = _Held(centre, monkeypatch)
    with serving(centre) as served, ExitStack() as stack:
        stack.callback(held.let_go.set)
        url = f"{served.address}/api/v1/alerts"
        officer = stack.enter_context(Desk(served.address))
        officer.headers.update(_cookie(served, "binh"))
        cookies = [_cookie(served, name) for name in names]
        for headers in cookies:
            assert httpx.get(url.replace("alerts", "session"), headers=headers).status_code == 200
        assert officer.get("/api/v1/session").status_code == 200  # known from now on
        flood: list[Future[httpx.Response]] = [
            crowd.submit(httpx.get, url, headers=headers, trust_env=False, timeout=60)
            for headers in cookies
            for _ in range(EACH)
        ]
        for _ in range(WORK.shares[0]):
            assert held.inside.acquire(timeout=PATIENCE_S)
        for _ in range(5):
            assert officer.get("/api/v1/alerts", timeout=PATIENCE_S).status_code == 200
        assert httpx.get(f"{served.address}/healthz", trust_env=False).status_code == 200
        held.let_go.set()
        got = [one.result().status_code for one in flood]
    assert held.most == WORK.shares[0]
    assert set(got) == {200, 503}  # the rest of its share waits, what is more is refused
    assert got.count(200) >= WORK.shares[0]


async def _begun(turns: FairPlaces, *owners: tuple[str, str]) -> list["asyncio.Task[WorkPlace]"]:
    tasks = [asyncio.create_task(turns.take(owner)) for owner in owners]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


def test_places_go_to_the_agency_and_account_that_have_least() -> None:
    async def tried() -> None:
        turns = FairPlaces(Admission(LIMITS))
        flood = await _begun(turns, *[_owner("an")] * 4, *[_owner("anh")] * 4)
        assert [one.done() for one in flood] == [True, True, False, False, True, *[False] * 3]
        others = await _begun(turns, *[_owner("binh", "bravo")] * 3)
        assert [one.done() for one in others] == [True, True, False]  # all five are taken
        flood[0].result().leave()
        flood[0].result().leave()  # once
        await asyncio.sleep(0)
        assert not others[2].done()  # an account has two at most
        assert flood[2].done()
        others[0].result().leave()
        await asyncio.sleep(0)
        assert others[2].done()
        for task in flood:
            task.cancel()

    asyncio.run(tried())


def test_who_stops_waiting_takes_no_place_along() -> None:
    async def tried() -> None:
        turns = FairPlaces(Admission(DoorBudget(places=1, shares=(1, 1))))
        (first,) = await _begun(turns, _owner("an"))
        assert first.done()
        gone, let_in, last = await _begun(turns, _owner("an"), _owner("anh"), _owner("binh"))
        gone.cancel()
        first.result().leave()
        let_in.cancel()  # in the moment in which it has its turn
        await asyncio.sleep(0)
        await asyncio.wait_for(last, PATIENCE_S)

    asyncio.run(tried())


def test_who_is_no_officer_leaves_room_and_waits_until_his_seconds_are_forgiven() -> None:
    """A viewer's account took every turn of its agency, and its officers waited."""

    async def tried() -> None:
        now = [0.0]
        charged = Admission(ACCOUNTS, lambda: now[0])
        turns = request_turns(charged)
        agency, account = WORK_OF_OTHERS.shares
        flood = await _begun(turns, *[_owner("xem")] * 9, *[_owner("xem-2")] * 9)
        assert sum(one.done() for one in flood) == agency
        assert sum(one.done() for one in flood[:9]) == account
        officer = await turns.take(_owner("truc"), is_officer=True)
        officer.leave()
        now[0] = ACCOUNTS.seconds[1]
        flood[0].result().leave()
        assert charged.wait_s(_owner("xem")) == 0.0
        flood[1].result().leave()
        await asyncio.sleep(0)
        assert charged.wait_s(_owner("xem")) > 0.0
        assert sum(one.done() for one in flood[:9]) <= account + 1
        assert (await turns.take(_owner("truc"), is_officer=True)).is_officer
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)

    asyncio.run(tried())


def test_accounts_without_an_agency_share_with_nobody(centre: Centre) -> None:
    for name, scope in (("an", EVERYTHING), ("anh", EVERYTHING), ("binh", BRAVO), ("bac", BRAVO)):
        centre.add_user(name, Role.OPERATOR, scope=scope)
    an, anh, binh, bac = (
        owner_of(user)
        for name in ("an", "anh", "binh", "bac")
        if (user := centre.archive.user(name))
    )
    assert an.agency != anh.agency
    assert binh.agency == bac.agency
    assert binh.account != bac.account
