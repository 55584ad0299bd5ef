"""The wall clock is put back by an hour while messages wait: they wait no longer than before."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.alerts.delivery.target_of_table import target_of_table
from tests.app.delivery.served import QUICK
from tests.app.web_api.centre import Centre
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.attempt import DELIVERED, Attempt, failed
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.app.delivery.routing_tasks import RoutingTask
from thapcanh.app.delivery.target_worker import TargetWorker
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.clock import SystemClock


class PutBack(SystemClock):
    """A clock whose date can be set while it runs."""

    wrong_by_s = 0.0

    def utc(self) -> float:
        return time.time() + self.wrong_by_s


class MoodySender:
    """Refuses all until it is well; keeps what it took."""

    is_serial = True

    def __init__(self, after_refusal: Callable[[int], None] | None = None) -> None:
        self._after_refusal = after_refusal
        self.is_well = False
        self.tried: list[str] = []
        self.taken: list[str] = []

    async def send(self, due: DueDelivery) -> Attempt:
        self.tried.append(due.event.subject)
        if not self.is_well:
            if self._after_refusal is not None:
                self._after_refusal(len(self.tried))
            return failed("the receiver answers 500", 500)
        self.taken.append(due.event.subject)
        return DELIVERED

    async def close(self) -> None:
        """Nothing is open."""


def test_what_waits_is_sent_after_the_clock_was_put_back(centre: Centre) -> None:
    clock, sender = PutBack(), MoodySender()

    async def put_back_between() -> None:
        await _until(lambda: len(sender.tried) >= 2)
        clock.wrong_by_s, sender.is_well = -3600.0, True

    _assert_all_are_sent(centre, clock, sender, put_back_between)


def test_a_clock_put_back_before_an_attempt_is_recorded_delays_nothing(centre: Centre) -> None:
    def put_back(number: int) -> None:
        if number == 2:  # both failed, neither is recorded
            clock.wrong_by_s, sender.is_well = -3600.0, True

    async def nothing() -> None:
        """The sender puts the clock back."""

    clock, sender = PutBack(), MoodySender(put_back)
    _assert_all_are_sent(centre, clock, sender, nothing)


def _assert_all_are_sent(
    centre: Centre, clock: PutBack, sender: MoodySender, meanwhile: Callable[[], Awaitable[None]]
) -> None:
    target = target_of_table(
        {"id": "pccc", "kind": "webhook", "secret": "12345678",
         "url": SecretUrl("https://114.example/")}
    )  # fmt: skip
    centre.site.replace(centre.site().model_copy(update={"targets": (target,)}))
    repository = DeliveryRepository(centre.archive.database)
    centre.clock.at = clock.utc()
    raised = {f"alert/{centre.raise_alert(name)}" for name in ("cam-1", "cam-2")}
    RoutingTask(RoutingStore(centre.archive.database), repository, centre.site).route(clock.utc())
    worker = TargetWorker(
        target, sender, repository, in_thread=asyncio.to_thread, clock=clock, settings=QUICK
    )

    async def deliver() -> None:
        task = asyncio.create_task(worker.run())
        try:
            await meanwhile()
            await _until(lambda: raised <= set(sender.taken))
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(deliver())
    assert len(sender.taken) == len(set(sender.taken))


async def _until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)
