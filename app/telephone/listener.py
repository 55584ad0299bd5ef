"""One exchange, listened to as long as it is configured: retries, and speaks no protocol.

The archive is called in a thread of its own; a notice that it cannot take now is kept and tried
again, in order, up to a bound.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from alerts.calls.incoming_calls import IncomingNotice
from alerts.incidents.calls import dialled
from alerts.store.errors import ArchiveError, TooManyRinging
from app.telephone.exchange import Exchange, ExchangeError, HeardCall
from config.devices import ExchangeConfig
from ingest.backoff import Backoff
from ingest.clock import Clock

log = logging.getLogger(__name__)

_BACKOFF = Backoff(first_s=0.5, longest_s=15.0)
_MOST_WAITING = 1000
_STARTING = "not connected yet"


class ExchangeListener:
    """One exchange; owned by the service's loop."""

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
                await self._exchange.listen(self._hear, self._up)
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

    async def _hear(self, told: HeardCall) -> None:
        notice = IncomingNotice(
            exchange=self.config.id,
            exchange_call_id=told.call_id,
            notice=told.notice,
            line=told.line,
            caller=dialled(told.caller),
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
        """Whether a notice is done with; False where the archive must be asked again."""
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
