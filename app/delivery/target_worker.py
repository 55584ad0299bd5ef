"""Task of one target: fetches due deliveries, tries them, records the results.

Other targets never wait.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from thapcanh.alerts.delivery.attempt import (
    SILENT_BACKOFF,
    TARGET_BACKOFF,
    Attempt,
    AttemptOutcome,
    failed,
    skipped,
)
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.directed import OVER
from thapcanh.alerts.delivery.outbox.records import DeliveryChain, DueDelivery, TriedDelivery
from thapcanh.alerts.delivery.sender import Sender
from thapcanh.alerts.store.clock_set_back import was_set_back
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.alerts.store.outbox.outgoing import EarlierEvent, closing
from thapcanh.config.targets import TargetConfig
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

InThread = Callable[..., Awaitable[Any]]
"""Runs a call of the archive in a thread: `await in_thread(call, *arguments)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """Batch size, polling interval, and pause of a failing target."""

    batch: int = 128  # subjects
    at_once: int = 8
    round_s: float = 2.0  # then what came of it is written down, and the most urgent goes first
    look_s: float = 0.5
    rests_after: int = 3  # failures in a row
    backoff: Backoff = TARGET_BACKOFF
    silent_backoff: Backoff = SILENT_BACKOFF


class TargetWorker:
    """Worker of a target, owned by one asyncio task."""

    def __init__(
        self,
        target: TargetConfig,
        sender: Sender,
        deliveries: DeliveryRepository,
        *,
        in_thread: InThread,
        clock: Clock,
        settings: WorkerSettings,
        leads: Callable[[], bool] = lambda: True,
        alarms: Callable[[], Sequence[DueDelivery]] = tuple,
    ) -> None:
        """Create the worker; `leads` tells if this centre is the one that sends.

        `alarms` gives what no archive holds and is to be sent, again until it is over.
        """
        self._leads = leads
        self._alarms = alarms
        self._sent: dict[str, DueDelivery] = {}  # of the alarms
        self._unrecorded: list[TriedDelivery] = []  # while the archive stores nothing
        self.target = target
        self._sender = sender
        self._deliveries = deliveries
        self._in_thread = in_thread
        self._clock = clock
        self._settings = settings
        self._failures = 0
        self._started_at: float | None = None  # of the monotonic clock, by the wall
        self._rests = 0  # since it last took something
        self._notifier = asyncio.Event()
        self.attempts = 0
        self.failures = 0

    def wake(self) -> None:
        """Look at once: something new may be due."""
        self._notifier.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                try:
                    await self._send_alarms()
                    found = await self._round()
                except AlertsError as error:
                    log.warning("target %s: %s", self.target.id, error)
                    found = 0
                except Exception:  # the outermost line of a target's round
                    log.exception("target %s: unexpected", self.target.id)
                    found = 0
                await self._wait(found)
        finally:
            await self._sender.close()

    async def _send_alarms(self) -> None:
        """Send each alarm once, and its end."""
        due = {each.id: each for each in (self._alarms() if self._leads() else ())}
        for name, each in due.items():
            if name not in self._sent and await self._try_counted(each):
                self._sent[name] = each
        for name in self._sent.keys() - due.keys():
            sent = self._sent[name]
            over = closing(sent.event, self._clock.utc())
            end = replace(sent, id=f"{name}/over", event=over, earlier=EarlierEvent.of(sent.event))
            if self.target.is_for_people or not self._leads() or await self._try_counted(end):
                del self._sent[name]

    async def _try_counted(self, due: DueDelivery) -> bool:
        """Try a delivery and count the attempt; return False if it failed."""
        attempt = await self._try(due)
        self._count(attempt)
        return attempt.outcome is not AttemptOutcome.FAILED

    async def _round(self) -> int:
        """Try one batch; return its size."""
        if not self._leads():
            return 0
        await self._record()
        settings = self._settings
        limit = 1 if self._failures >= settings.rests_after else settings.batch
        if self._is_set_back():
            await self._in_thread(self._deliveries.hasten, self.target.id, self._clock.utc())
        due: list[DeliveryChain] = await self._in_thread(
            self._deliveries.due, self.target.id, self._clock.utc(), limit
        )
        if not due:
            return 0
        self._unrecorded = await self._try_all(due)
        return await self._record()

    async def _record(self) -> int:
        """Record the attempts; return how many. Until they are, nothing is tried again."""
        tried = self._unrecorded
        if tried:
            await self._in_thread(self._deliveries.record, tried, self._clock.utc())
            self._unrecorded = []
        return len(tried)

    def _is_set_back(self) -> bool:
        """Return True if the wall clock was set back since the last batch, or on the first one."""
        started_at = self._clock.utc() - self._clock.monotonic()
        is_first, before = self._started_at is None, self._started_at or started_at
        self._started_at = started_at
        return is_first or was_set_back(before, started_at)

    async def _try_all(self, due: Sequence[DeliveryChain]) -> list[TriedDelivery]:
        """Try chains beside each other, until the round is over or the target stops answering."""
        room = asyncio.Semaphore(1 if self._sender.is_serial else self._settings.at_once)
        until = self._clock.monotonic() + self._settings.round_s
        is_probe = len(due) == 1

        def is_over() -> bool:
            is_resting = self._failures >= self._settings.rests_after and not is_probe
            is_others = not self._leads()
            return is_others or is_resting or self._clock.monotonic() > until

        async def one(chain: DeliveryChain) -> list[TriedDelivery]:
            async with room:
                return await self._try_chain(chain, is_over)

        tried = await asyncio.gather(*(one(chain) for chain in due))
        return [each for chain in tried for each in chain]

    async def _try_chain(
        self, chain: DeliveryChain, is_over: Callable[[], bool]
    ) -> list[TriedDelivery]:
        """Try the deliveries of one subject in order; a failure holds back the rest."""
        tried: list[TriedDelivery] = []
        for each in chain:
            if is_over():
                break
            attempt = await self._try(each)
            self._count(attempt)
            tried.append(self._tried(each, attempt))
            if attempt.outcome in (AttemptOutcome.FAILED, AttemptOutcome.REFUSED):
                break  # what follows refers to what was taken
        return tried

    async def _try(self, due: DueDelivery) -> Attempt:
        """Try within the target's whole time, however slowly it drips."""
        until = due.event.until
        if until is not None and self._clock.utc() >= until:
            return skipped(OVER)
        try:
            async with asyncio.timeout(self.target.timeout_s):
                return await self._sender.send(due)
        except TimeoutError:
            return failed(f"no answer within {self.target.timeout_s:g} s")
        except Exception as error:
            log.exception("target %s: unexpected", self.target.id)
            return failed(f"unexpected: {type(error).__name__}")

    def _count(self, attempt: Attempt) -> None:
        if attempt.outcome is AttemptOutcome.SKIPPED:
            return  # it says nothing of the receiver
        self.attempts += 1
        if attempt.outcome is AttemptOutcome.FAILED:
            self._failures += 1
            self.failures += 1
            if self._failures == self._settings.rests_after:
                log.warning("target %s: %s", self.target.id, attempt.error)
        else:
            if self._failures >= self._settings.rests_after:
                log.warning("target %s: answers again", self.target.id)
            self._failures = 0
            self._rests = 0

    def _tried(self, due: DueDelivery, attempt: Attempt) -> TriedDelivery:
        is_answer = attempt.status is not None
        backoff = self._settings.backoff if is_answer else self._settings.silent_backoff
        wait_s = backoff.wait_s(due.attempts + 1, random.random)
        return TriedDelivery(id=due.id, attempt=attempt, wait_s=wait_s)

    async def _wait(self, found: int) -> None:
        """Until there may be something to do: at once after a full batch, later while it rests."""
        settings = self._settings
        if self._failures >= settings.rests_after:
            self._rests += 1  # not by failures: all that was under way fails at once
            await asyncio.sleep(settings.backoff.wait_s(self._rests, random.random))
            return
        if found:
            return
        self._notifier.clear()
        with suppress(TimeoutError):  # `wait_for` may swallow that the task is cancelled
            async with asyncio.timeout(settings.look_s):
                await self._notifier.wait()
