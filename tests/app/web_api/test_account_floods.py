"""Accounts of one agency that ask too much together: the others go on, and none waits for ever."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from alerts.store.roles import EVERYTHING, DataFilter, Role
from app.web_api.access.sign_in import SignedIn, SignIn
from app.web_api.app_state import AppState
from app.web_api.middleware import concurrency_limit
from app.web_api.middleware.fair_places import FairLimits, FairPlaces, RequestOwner, owner_of
from tests.app.web_api.centre import Centre, Desk, serving
from tests.patience import PATIENCE_S

ALPHA, BRAVO = DataFilter(agencies=frozenset({"alpha"})), DataFilter(agencies=frozenset({"bravo"}))
ACCOUNTS, EACH = 6, 4
LIMITS = FairLimits(at_once=5, of_agency=3, of_account=2)


def _owner(account: str, agency: str = "alpha") -> RequestOwner:
    return RequestOwner(account=account, agency=agency)


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
    with ThreadPoolExecutor(ACCOUNTS * EACH) as threads:
        yield threads


def _cookie(served: Any, name: str) -> dict[str, str]:
    """A session without the price of a password."""
    here: AppState = served.app.state.here
    user = here.services.archive.user(name)
    assert user is not None
    opened: SignedIn = here.part(SignIn).admit(user, "127.0.0.1")
    return {"Cookie": f"thapcanh_session={opened.token}"}


def test_a_flood_by_one_agencys_accounts_leaves_another_agency_served(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, crowd: ThreadPoolExecutor
) -> None:
    monkeypatch.setattr(concurrency_limit, "REFUSED_AFTER_S", (0.0, 0.1))
    monkeypatch.setattr(concurrency_limit, "MAX_AT_ONCE", 30)
    names = [f"alpha-{number}" for number in range(ACCOUNTS)]
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
        for _ in range(FairLimits().of_agency):
            assert held.inside.acquire(timeout=PATIENCE_S)
        for _ in range(5):
            assert officer.get("/api/v1/alerts", timeout=PATIENCE_S).status_code == 200
        assert httpx.get(f"{served.address}/healthz", trust_env=False).status_code == 200
        held.let_go.set()
        got = [one.result().status_code for one in flood]
    assert held.most == FairLimits().of_agency
    assert set(got) == {200, 503}  # the rest of its share waits, what is more is refused
    assert got.count(200) >= FairLimits().of_agency


async def _begun(places: FairPlaces, *owners: RequestOwner) -> list["asyncio.Task[None]"]:
    tasks = [asyncio.create_task(places.take(owner)) for owner in owners]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


def test_places_go_to_the_agency_and_account_that_have_least() -> None:
    async def tried() -> None:
        places = FairPlaces(LIMITS)
        flood = await _begun(places, *[_owner("an")] * 4, *[_owner("anh")] * 4)
        assert [one.done() for one in flood] == [True, True, False, False, True, *[False] * 3]
        others = await _begun(places, *[_owner("binh", "bravo")] * 3)
        assert [one.done() for one in others] == [True, True, False]  # all five are taken
        places.leave(_owner("an"))
        await asyncio.sleep(0)
        assert not others[2].done()  # an account has two at most
        assert flood[2].done()
        places.leave(_owner("binh", "bravo"))
        await asyncio.sleep(0)
        assert others[2].done()
        for task in flood:
            task.cancel()

    asyncio.run(tried())


def test_who_stops_waiting_takes_no_place_along() -> None:
    async def tried() -> None:
        places = FairPlaces(FairLimits(at_once=1, of_agency=1, of_account=1))
        (first,) = await _begun(places, _owner("an"))
        assert first.done()
        gone, let_in, last = await _begun(places, _owner("an"), _owner("anh"), _owner("binh"))
        gone.cancel()
        places.leave(_owner("an"))
        let_in.cancel()  # in the moment in which it has its turn
        await asyncio.sleep(0)
        await asyncio.wait_for(last, PATIENCE_S)

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
