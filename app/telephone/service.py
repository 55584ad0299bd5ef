"""Telephone service: one thread, one loop, a task per configured exchange.

A task reconnects after failures. The archive is called in a separate thread; a notice that it
cannot store is retried in order, up to a limit. `ExchangeState` and `exchange_findings` are the
health checks of connections; pure.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import assert_never

from thapcanh.alerts.calls.incoming_call_store import IncomingCallRepository
from thapcanh.alerts.calls.incoming_calls import IncomingNotice
from thapcanh.alerts.incidents.calls import dialled
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.errors import ArchiveError, TooManyRinging
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.process.loop_thread import ServingThread
from thapcanh.app.telephone.asterisk import AsteriskExchange
from thapcanh.app.telephone.exchange import Exchange, ExchangeError, ReceivedCall
from thapcanh.config.devices import ExchangeConfig
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import AddressGuard, servers
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock

_FOLLOW_S = 1.0
_STOP_S = 10.0
log = logging.getLogger(__name__)
_BACKOFF = Backoff(first_s=0.5, longest_s=15.0)
_MOST_WAITING = 1000
_STARTING = "not connected yet"
EXCHANGE_LOST = HealthProblem(
    rule_id="exchange_lost", kind=SystemKind.TELEPHONE_FAULT, raise_after_s=10.0, clear_after_s=5.0
)


def make_exchange(exchange: ExchangeConfig, guard: AddressGuard) -> Exchange:
    """Return the adapter of an exchange's maker."""
    match exchange.kind:
        case "asterisk":
            return AsteriskExchange(exchange, guard)
        case _:
            assert_never(exchange.kind)


class ExchangeListener:
    """Listener of one exchange, owned by the service's loop."""

    def __init__(
        self, config: ExchangeConfig, exchange: Exchange, note: Callable[[IncomingNotice], None],
        clock: Clock, pool: ThreadPoolExecutor,
    ) -> None:  # fmt: skip
        self.config = config
        self.error: str | None = _STARTING
        self._exchange = exchange
        self._note = note
        self._clock = clock
        self._pool = pool
        self._waiting: asyncio.Queue[IncomingNotice] = asyncio.Queue(_MOST_WAITING)

    async def run(self) -> None:
        """Listen and write down until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen_on())
            tasks.create_task(self._write_on())

    async def _listen_on(self) -> None:
        failures = 0
        while True:
            try:
                await self._exchange.listen(self._receive, self._up)
                why = "the exchange ended the connection"
            except ExchangeError as error:
                why = str(error)
            except Exception:  # the outermost line of this task: the exchange is asked again
                log.exception("exchange %s: unexpected", self.config.id)
                why = "unexpected, see the log"
            failures = 1 if self.error is None else failures + 1
            if self.error != why:
                log.warning("exchange %s: %s", self.config.id, why)  # told once an outage
            self.error = why
            await asyncio.sleep(_BACKOFF.wait_s(failures, random.random))

    def _up(self) -> None:
        self.error = None
        log.info("exchange %s: connected", self.config.id)

    async def _receive(self, call: ReceivedCall) -> None:
        notice = IncomingNotice(
            exchange=self.config.id,
            exchange_call_id=call.call_id,
            notice=call.notice,
            line=call.line,
            caller=dialled(call.caller),
            at=self._clock.utc(),
            agency=self.config.agency,
            area=self.config.area,
        )
        try:
            self._waiting.put_nowait(notice)
        except asyncio.QueueFull:
            log.error("exchange %s: a notice is lost, the archive does not take it", self.config.id)

    async def _write_on(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            notice = await self._waiting.get()
            failures = 0
            while not await loop.run_in_executor(self._pool, self._written, notice, failures):
                failures += 1
                await asyncio.sleep(_BACKOFF.wait_s(failures, random.random))

    def _written(self, notice: IncomingNotice, failures: int) -> bool:
        """Return True if a notice is done; False if it must be retried."""
        try:
            self._note(notice)
        except TooManyRinging as error:
            log.warning("exchange %s: %s", self.config.id, error)
        except ArchiveError as error:
            if failures == 0:
                log.warning("exchange %s: %s", self.config.id, error)
            return not error.retry_helps
        except Exception:  # the outermost line of a notice: the next ones go on
            log.exception("exchange %s: a notice is lost: unexpected", self.config.id)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeState:
    """State of an exchange's connection: its error, or None."""

    id: str
    name: str
    error: str | None


class TelephoneService:
    """Telephone service that owns one thread between `start` and `stop`."""

    def __init__(
        self,
        calls: IncomingCallRepository,
        site: Callable[[], Site],
        notifier: ChangeNotifier,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._site = site
        self._notifier = notifier
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="telephone-archive")
        self._thread = ServingThread(self._serve, "telephone", clock)
        self._running: dict[str, tuple[ExchangeListener, asyncio.Task[None]]] = {}

    def start(self) -> None:
        self._thread.start(_STOP_S)

    def stop(self) -> None:
        """End; twice is fine."""
        self._thread.stop(_STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def states(self) -> list[ExchangeState]:
        """Return the state of each exchange. Any thread."""
        return [
            ExchangeState(
                id=item.config.id, name=item.config.name or item.config.id, error=item.error
            )
            for item, _ in list(self._running.values())
        ]

    async def _serve(self) -> None:
        self._thread.ready()
        try:
            while not self._thread.is_stopping:
                await self._follow_site()
                await asyncio.sleep(_FOLLOW_S)
        finally:
            for name in list(self._running):
                await self._end(name)

    async def _follow_site(self) -> None:
        """Start, stop and restart listeners by the configuration."""
        desired = {item.id: item for item in self._site().exchanges}
        for name in list(self._running):
            listener, task = self._running[name]
            if task.done() or desired.get(name) != listener.config:
                await self._end(name)
        for name, config in desired.items():
            if name not in self._running:
                exchange = make_exchange(config, servers(self._site().networks))
                item = ExchangeListener(config, exchange, self._write, self._clock, self._pool)
                self._running[name] = (item, asyncio.create_task(item.run()))

    async def _end(self, name: str) -> None:
        _, task = self._running.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def _write(self, notice: IncomingNotice) -> None:
        self._calls.note(notice)
        self._notifier.notify()


def exchange_findings(states: Iterable[ExchangeState]) -> list[HealthCheck]:
    """Return one finding per exchange: without it, calls come without a number."""
    return [
        HealthCheck(
            trouble=EXCHANGE_LOST,
            subject=state.id,
            verdict=HealthVerdict.FINE if state.error is None else HealthVerdict.FAULT,
            reason=f"the exchange {state.name} is not heard: {state.error}"
            if state.error
            else "heard again",
        )
        for state in states
    ]
