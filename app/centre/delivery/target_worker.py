"""One target's task: takes what is due, tries it, writes down what came of it; for ever.

Failures are counted in a row over all of the target's deliveries: after some the target rests, and
then one delivery decides, so that a receiver that is down is not hammered by all that waits. What
one delivery needs to wait is its own (`again_at`). Other targets never wait for this one.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from alerts.archive.outbox.deliveries import DeliveryRepository
from alerts.archive.outbox.records import DueDelivery, TriedDelivery
from alerts.delivery.attempt import TARGET_BACKOFF, Attempt, AttemptOutcome, failed
from alerts.errors import AlertsError
from app.centre.delivery.sender import Sender
from config.targets import TargetConfig
from ingest.backoff import Backoff
from ingest.clock import Clock

log = logging.getLogger(__name__)

InThread = Callable[..., Awaitable[Any]]
"""Runs a call of the archive in a thread: `await in_thread(call, *arguments)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """How much at once, how often to look, and how long a target that fails rests."""

    batch: int = 32
    at_once: int = 8
    look_s: float = 0.5
    rests_after: int = 3  # failures in a row
    backoff: Backoff = TARGET_BACKOFF


class TargetWorker:
    """Owned by one asyncio task."""

    def __init__(
        self,
        target: TargetConfig,
        sender: Sender,
        deliveries: DeliveryRepository,
        *,
        in_thread: InThread,
        clock: Clock,
        settings: WorkerSettings,
    ) -> None:
        self.target = target
        self._sender = sender
        self._deliveries = deliveries
        self._in_thread = in_thread
        self._clock = clock
        self._settings = settings
        self._failures = 0
        self._bell = asyncio.Event()
        self.attempts = 0
        self.failures = 0

    def wake(self) -> None:
        """Look at once: something new may be due."""
        self._bell.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                try:
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

    async def _round(self) -> int:
        """One batch; return how many were tried."""
        is_resting = self._failures >= self._settings.rests_after
        limit = 1 if is_resting else self._settings.batch
        due: list[DueDelivery] = await self._in_thread(
            self._deliveries.due, self.target.id, self._clock.utc(), limit
        )
        if not due:
            return 0
        attempts = await self._try_all(due)
        tried = [
            self._tried(one, attempt)
            for one, attempt in zip(due, attempts, strict=True)
            if attempt is not None
        ]
        await self._in_thread(self._deliveries.record, tried, self._clock.utc())
        return len(tried)

    async def _try_all(self, due: Sequence[DueDelivery]) -> list[Attempt | None]:
        """One attempt for each; None for what was left because the target stopped answering."""
        room = asyncio.Semaphore(self._settings.at_once)

        async def one(each: DueDelivery) -> Attempt | None:
            async with room:
                if self._failures >= self._settings.rests_after and len(due) > 1:
                    return None
                attempt = await self._try(each)
                self._count(attempt)
                return attempt

        return await asyncio.gather(*(one(each) for each in due))

    async def _try(self, due: DueDelivery) -> Attempt:
        """Try within the target's whole time, however slowly it drips."""
        try:
            async with asyncio.timeout(self.target.timeout_s):
                return await self._sender.send(due)
        except TimeoutError:
            return failed(f"no answer within {self.target.timeout_s:g} s")
        except Exception as error:
            log.exception("target %s: unexpected", self.target.id)
            return failed(f"unexpected: {type(error).__name__}")

    def _count(self, attempt: Attempt) -> None:
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

    def _tried(self, due: DueDelivery, attempt: Attempt) -> TriedDelivery:
        wait_s = self._settings.backoff.wait_s(due.attempts + 1, random.random)
        return TriedDelivery(id=due.id, attempt=attempt, again_at=self._clock.utc() + wait_s)

    async def _wait(self, found: int) -> None:
        """Until there may be something to do: at once after a full batch, later while it rests."""
        settings = self._settings
        if self._failures >= settings.rests_after:
            over = self._failures - settings.rests_after + 1
            await asyncio.sleep(settings.backoff.wait_s(over, random.random))
            return
        if found:
            return
        self._bell.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._bell.wait(), settings.look_s)
