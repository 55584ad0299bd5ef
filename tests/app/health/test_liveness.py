"""A centre that serves nobody is not healthy, shows no sign of life, and is started again."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio.to_thread
import pytest
from anyio import CapacityLimiter

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, serving
from tests.patience import eventually
from thapcanh.app.centre.web.application import THREADS
from thapcanh.app.health.health_routes import SERVED_WITHIN_S, Liveness
from thapcanh.app.process.admission import WORK, Admission, DoorBudget
from thapcanh.app.supervisor import child as child_module
from thapcanh.app.supervisor.child import Child, ChildSpec, RestartDecision, start_process
from thapcanh.app.web_api.middleware.fair_places import FairPlaces

ROOT = Path(__file__).parents[3]
AN = ("pc07", "an")

_CENTRE = """
import asyncio, functools, sys, threading, time
from pathlib import Path
import anyio.to_thread
from thapcanh.app.health import health_routes
from thapcanh.app.centre.web.server import serve
from thapcanh.app.process.heartbeat import ProcessHeartbeat
from tests.app.web_api.centre import ANY_PORT, Centre
from tests.made_archives import archive_at

health_routes.SERVED_WITHIN_S = 2.0
folder, how = Path(sys.argv[1]), sys.argv[2]
centre = Centre(archive=archive_at(folder / "archive.sqlite"), folder=folder)
app = centre.app()
here = app.state.here
beat = ProcessHeartbeat(folder / "centre.beat")
kept = []

async def exhaust(limiter):
    for number in range(64):
        work = functools.partial(time.sleep, 600)
        kept.append(asyncio.create_task(anyio.to_thread.run_sync(work, limiter=limiter)))

async def take_places():
    for number in range(64):
        senders = (f"a{number}", f"a{number}")
        kept.append(asyncio.create_task(here.crowd.turns.take(senders, is_officer=True)))

def freeze():
    if how == "loop":
        time.sleep(600)
    elif how == "places":
        kept.append(asyncio.create_task(take_places()))
    else:
        limiter = {"threads": None, "lookups": here.lookups}[how]
        kept.append(asyncio.create_task(exhaust(limiter)))

def ready(port):
    (folder / "ready").write_text(str(port))
    asyncio.get_running_loop().call_later(1.0, freeze)

serve(app, ANY_PORT, threading.Event(), on_ready=ready,
      on_tick=lambda: here.part(health_routes.Liveness).show(beat.show))
"""


def _turns() -> FairPlaces:
    return FairPlaces(Admission(WORK))


@pytest.mark.parametrize("how", ["loop", "threads", "lookups", "places"])
def test_a_centre_that_serves_nobody_is_killed_and_started_again(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its event loop frozen, its threads exhausted, or all places of sessions taken for good."""
    monkeypatch.setattr(child_module, "HUNG_AFTER_S", 8.0)
    monkeypatch.chdir(ROOT)
    spec = ChildSpec(
        name="centre",
        arguments=(sys.executable, "-c", _CENTRE, str(tmp_path), how),
        stage=0,
        stop_within_s=1.0,
        beat=tmp_path / "centre.beat",
    )
    child = Child(spec, start_process)
    child.start()
    first = child.pid
    ended: list[RestartDecision] = []

    def tended() -> bool:
        if step := child.tend(time.monotonic()):
            ended.append(step)
        return bool(ended) and child.pid not in (None, first)

    try:
        assert eventually((tmp_path / "ready").exists)
        assert eventually(tended), "it is left frozen"
    finally:
        child.request_stop()
        child.wait_stopped()


@contextmanager
def _acquired(limiter: CapacityLimiter, count: int) -> Iterator[None]:
    """Tokens of a pool of threads that nobody gives back while the block runs."""
    owners = [object() for _ in range(count)]
    for owner in owners:
        limiter.acquire_on_behalf_of_nowait(owner)
    yield
    for owner in owners:
        limiter.release_on_behalf_of(owner)


def test_health_tells_a_centre_whose_threads_serve_nobody(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(centre) as served:
        assert anonymous_get(f"{served.address}/healthz").status_code == 200
        turns: FairPlaces = served.app.state.here.crowd.turns
        monkeypatch.setattr(turns, "stuck_s", lambda _: 99.0)
        for path in ("/healthz", "/readyz"):
            answer = anonymous_get(f"{served.address}{path}")
            assert (answer.status_code, answer.json()["status"]) == (503, "does_not_answer")


@pytest.mark.parametrize("pool", ["threads", "lookups"])
def test_a_pool_without_a_thread_is_silence(pool: str) -> None:
    async def tried() -> None:
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = THREADS
        lookups = CapacityLimiter(2)
        liveness, shown = Liveness(_turns(), lookups), list[int]()
        taken = threads if pool == "threads" else lookups
        with _acquired(taken, int(taken.total_tokens)):
            liveness.start()
            await anyio.sleep(1.3)
            assert liveness.silent_s() > 0.1
        await anyio.sleep(0.3)
        assert liveness.silent_s() == 0.0
        liveness.show(lambda: shown.append(1))
        assert shown
        liveness.close()

    anyio.run(tried)


def test_no_sign_of_life_is_shown_when_nobody_was_served_for_too_long() -> None:
    now, shown = [0.0], list[float]()
    liveness = Liveness(_turns(), CapacityLimiter(1), lambda: now[0])
    for at in (1.0, SERVED_WITHIN_S, SERVED_WITHIN_S + 2.0):
        now[0] = at
        liveness.show(lambda: shown.append(now[0]))
    assert shown == [1.0, SERVED_WITHIN_S]


def test_places_are_stuck_only_when_all_are_taken_and_somebody_waits() -> None:
    async def tried() -> None:
        now = [0.0]
        places = FairPlaces(
            Admission(DoorBudget(places=2, shares=(2, 2)), monotonic=lambda: now[0])
        )
        await places.take(AN)
        turn = await places.take(AN)
        now[0] = 50.0
        assert places.stuck_s(now[0]) == 0.0  # nobody waits
        async with anyio.create_task_group() as waiting:
            waiting.start_soon(places.take, AN)
            await anyio.sleep(0.01)
            now[0] = 60.0
            assert places.stuck_s(now[0]) == 10.0
            turn.leave()
            assert places.stuck_s(now[0]) == 0.0
            waiting.start_soon(places.take, AN)
            await anyio.sleep(0.01)
            now[0] = 61.0
            assert places.stuck_s(now[0]) == 1.0
            waiting.cancel_scope.cancel()
        assert places.stuck_s(now[0]) == 0.0

    anyio.run(tried)
