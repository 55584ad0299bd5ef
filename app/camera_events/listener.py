"""Listener to the ONVIF events of many cameras: one thread, one event loop, a task each."""

import asyncio
import logging
import threading
import time
import types
from collections.abc import Callable, Coroutine, Generator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, TypeVar

from thapcanh.ingest.backoff import BESIDE_BACKOFF, HOPELESS_BACKOFF, Backoff
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.onvif.event_topics import OnvifEvent
from thapcanh.ingest.onvif.pull_point import Waits, pull_point
from thapcanh.ingest.onvif.records import OnvifLogin
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

STOP_WITHIN_S = 8.0
GIVE_BACK_WITHIN_S = 5.0
LONG_PAUSES = 10.0
"""Times the usual one: longer ones are told of."""
COSTLY = "its events take long to read: it is asked more seldom"
_NEVER = OnvifLogin(service="")
T = TypeVar("T")


class ThreadTime:
    """Processor seconds of one coroutine, summed until read. Owned by its thread."""

    def __init__(self) -> None:
        self._spent_s = 0.0
        self._since: float | None = None  # while a step runs

    def take(self) -> float:
        """Return the seconds spent since the last call; the coroutine itself may call it."""
        self._count()
        spent_s, self._spent_s = self._spent_s, 0.0
        return spent_s

    @types.coroutine
    def of(self, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
        """Run the coroutine to its end, step by step, and count its steps."""
        thrown: BaseException | None = None
        while True:
            self._since = time.thread_time()
            try:
                waits_for = work.send(None) if thrown is None else work.throw(thrown)
            except StopIteration as end:
                result: T = end.value
                return result
            finally:
                self._count()
                self._since = None
            try:
                thrown = None
                yield waits_for
            except BaseException as error:  # noqa: BLE001 for the coroutine to deal with
                thrown = error

    def _count(self) -> None:
        if self._since is not None:
            now = time.thread_time()
            self._spent_s += now - self._since
            self._since = now


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerSettings:
    """Times in seconds."""

    retry: Backoff = BESIDE_BACKOFF
    hopeless: Backoff = HOPELESS_BACKOFF
    ask_every_s: float = 0.5
    share: float = 0.05
    """Of the thread: a camera that takes more of it waits until it took no more."""
    tick_s: float = 0.2
    opening: int = 8
    """So many cameras are subscribed to at a time: after a power cut all come back together."""
    waits: Waits = Waits()  # noqa: RUF009


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningState:
    """State of a camera's subscription; `detail` is the reason, in one line without secrets."""

    is_on: bool = False
    detail: str = "not begun"
    answers: int = 0
    received: int = 0
    others: int = 0
    """Messages about something else."""


class EventListener:
    """Event listener; any thread may call it, and its callbacks run on its own thread.

    `on_open` is called for each subscription, before its first event.
    """

    def __init__(
        self,
        on_event: Callable[[str, OnvifEvent], None],
        on_tick: Callable[[], None],
        settings: ListenerSettings | None = None,
        on_open: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._on_open = on_open
        self._on_event = on_event
        self._on_tick = on_tick
        self._settings = settings or ListenerSettings()
        self._begun = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = asyncio.Event()
        self._thread = StoppableThread(
            lambda: asyncio.run(self._run()), "camera-events", interrupt=self._interrupt
        )
        self._tasks: dict[str, tuple[OnvifLogin, asyncio.Task[None]]] = {}
        self._opening = asyncio.Semaphore(self._settings.opening)
        self._states: dict[str, ListeningState] = {}

    def follow(
        self,
        logins: Mapping[str, OnvifLogin],
        again: frozenset[str] = frozenset(),
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """Listen to exactly these cameras; resubscribe those in `again`.

        `before` is called on the listener's thread before any event of a new subscription.
        """
        if not logins and not self._thread.was_started:
            return
        self._thread.start()
        self._begun.wait()
        if self._loop is not None and not self._thread.is_stopping:
            self._loop.call_soon_threadsafe(self._follow, dict(logins), again, before)

    def state(self, camera_id: str) -> ListeningState | None:
        """Return the state of a camera's subscription, or None without one."""
        return self._states.get(camera_id)

    def stop(self) -> None:
        """Give every subscription back, within bounds. May be repeated."""
        self._thread.stop(STOP_WITHIN_S)

    def _interrupt(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ending.set)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._begun.set()
        import_module("thapcanh.ingest.onvif.transport")  # takes its time, which is no camera's
        while not self._ending.is_set():
            try:
                self._on_tick()
            except Exception:  # the outermost line of this thread's rounds
                log.exception("camera events: a round failed")
            try:
                await asyncio.wait_for(self._ending.wait(), self._settings.tick_s)
            except TimeoutError:
                continue
        self._follow({}, frozenset(), lambda: None)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if left:
            await asyncio.wait(left, timeout=GIVE_BACK_WITHIN_S)

    def _follow(
        self,
        logins: Mapping[str, OnvifLogin],
        again: frozenset[str],
        before: Callable[[], None],
    ) -> None:
        before()
        for camera_id, (login, task) in list(self._tasks.items()):
            if camera_id in again or logins.get(camera_id, _NEVER) != login:
                task.cancel()
                del self._tasks[camera_id]
        self._states = {item: state for item, state in self._states.items() if item in self._tasks}
        for camera_id in logins.keys() - self._tasks.keys():
            self._states[camera_id] = ListeningState()
            login = logins[camera_id]
            task = asyncio.create_task(self._listen(camera_id, login), name=f"events {camera_id}")
            self._tasks[camera_id] = (login, task)

    async def _listen(self, camera_id: str, login: OnvifLogin) -> None:
        """Until it is cancelled."""
        failures = 0
        while True:
            answers, spent = self._answers(camera_id), ThreadTime()
            waits, problem = self._settings.retry, "a fault of ours, see the log"
            try:
                await spent.of(self._subscribed(camera_id, login, spent))
            except SourceError as error:
                problem = str(error)
                waits = self._settings.retry if error.retry_helps else self._settings.hopeless
            except Exception:  # the outermost line of this task
                log.exception("camera %s: listening to its events failed", camera_id)
            failures = 1 if self._answers(camera_id) > answers else failures + 1
            self._change(camera_id, is_on=False, detail=problem)
            await asyncio.sleep(max(waits.wait_s(failures), self._pause_s(spent)))

    async def _subscribed(self, camera_id: str, login: OnvifLogin, spent: ThreadTime) -> None:
        loop = asyncio.get_running_loop()
        opened = pull_point(login, self._settings.waits)
        async with self._opening:
            point = await opened.__aenter__()
        try:
            self._change(camera_id, is_on=True, detail="events come")
            self._on_open(camera_id)
            while True:
                polled_at = loop.time()
                pulled = await point.pull()
                self._count(camera_id, len(pulled.events), pulled.others)
                for event in pulled.events:
                    self._on_event(camera_id, event)
                rest_s = polled_at + self._settings.ask_every_s - loop.time()
                paused_s = min(self._paused_s(camera_id, spent), point.spare_s())
                await asyncio.sleep(max(0.0, rest_s, paused_s))
        finally:
            await opened.__aexit__(None, None, None)

    def _pause_s(self, spent: ThreadTime) -> float:
        return spent.take() * (1.0 / self._settings.share - 1.0)

    def _paused_s(self, camera_id: str, spent: ThreadTime) -> float:
        """Return the pause of `_pause_s`; report a long one once per subscription."""
        pause_s = self._pause_s(spent)
        if pause_s >= LONG_PAUSES * self._settings.ask_every_s:
            self._change(camera_id, is_on=True, detail=COSTLY)
        return pause_s

    def _change(self, camera_id: str, *, is_on: bool, detail: str) -> None:
        before = self._states.get(camera_id)
        if before is None or (before.is_on, before.detail) == (is_on, detail):
            return
        self._states[camera_id] = replace(before, is_on=is_on, detail=detail)
        is_usual = is_on and detail != COSTLY
        log.log(logging.INFO if is_usual else logging.WARNING, "camera %s: %s", camera_id, detail)

    def _count(self, camera_id: str, events: int, others: int) -> None:
        before = self._states.get(camera_id)
        if before is not None:
            self._states[camera_id] = replace(
                before,
                answers=before.answers + 1,
                received=before.received + events,
                others=before.others + others,
            )

    def _answers(self, camera_id: str) -> int:
        state = self._states.get(camera_id)
        return 0 if state is None else state.answers
