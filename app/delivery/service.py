"""Delivery service: one thread with an event loop, a task per target, one for routing.

Officers wait for nothing here. Archive calls use two own threads, a hanging target delays only its
own task, and configuration changes apply while it runs.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from thapcanh.alerts.delivery.mqtt_connection import MqttTarget
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import DueDelivery, TargetState
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.alerts.delivery.registry import make_sender
from thapcanh.alerts.delivery.sender import SiteVoice
from thapcanh.alerts.delivery.targets.apprise import AppriseTarget
from thapcanh.alerts.health.status import UnlistedAlarm
from thapcanh.alerts.shifts.roster import RosterRepository
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.delivery.mail_pictures import MailPictures
from thapcanh.app.delivery.mqtt_home_assistant import MqttHomeAssistant
from thapcanh.app.delivery.mqtt_positions import MqttPositions
from thapcanh.app.delivery.mqtt_signals import MqttSignals
from thapcanh.app.delivery.person_message import person_message
from thapcanh.app.delivery.routing_tasks import RoutingTask
from thapcanh.app.delivery.target_worker import TargetWorker, WorkerSettings
from thapcanh.app.positions.position_service import PositionService
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.process.feature_tasks import RetentionRule
from thapcanh.app.process.loop_thread import ServingThread
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.config.site import Site
from thapcanh.config.targets import TargetConfig
from thapcanh.ingest.address_guard import servers
from thapcanh.ingest.clock import Clock, SystemClock

log = logging.getLogger(__name__)

_STOP_S = 10.0
_THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Intervals of the service's tasks, in seconds."""

    route_s: float = 0.5
    escalate_s: float = 2.0
    test_s: float = 20.0
    states_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """A task and its configuration; a different `key` restarts it."""

    key: object
    task: asyncio.Task[None]
    wake: Callable[[], None] = lambda: None
    leave: Callable[[], Awaitable[bool]] | None = None
    """What is done before it ends for good; False where the task itself does it, and ends then."""


class DeliveryService:
    """Delivery service that owns one thread between `start` and `stop`."""

    def __init__(
        self,
        database: Database,
        site: Callable[[], Site],
        notifier: ChangeNotifier,
        *,
        signals: SignalService | None = None,
        positions: PositionService | None = None,
        pictures: Callable[[Site], MailPictures] | None = None,
        clock: Clock | None = None,
        worker: WorkerSettings | None = None,
        settings: ServiceSettings | None = None,
        leads: Callable[[], bool] = lambda: True,
        unlisted: Callable[[], Sequence[UnlistedAlarm]] = tuple,
    ) -> None:
        """Create the service; `leads` tells if this centre sends, `pictures` makes mails' ones."""
        self._leads = leads
        self._deliveries = DeliveryRepository(database)
        self._tasks = RoutingTask(
            RoutingStore(database),
            self._deliveries,
            site,
            RosterRepository(database).on_call,
            unlisted,
        )
        self._site = site
        self._signals = signals
        self._positions = positions
        self._make_pictures = pictures
        self._pictures: tuple[object, MailPictures | None] = (None, None)
        self._notifier = notifier
        self._clock = clock or SystemClock()
        self._worker = worker or WorkerSettings()
        self._settings = settings or ServiceSettings()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="outbox-archive")
        self._thread = ServingThread(self._serve, "outbox", self._clock)
        self._running: dict[str, _Running] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._states: Mapping[str, TargetState] = {}
        self._rung = asyncio.Event()

    def start(self) -> None:
        self._thread.start(_STOP_S)

    def stop(self) -> None:
        """End; what was being tried is tried again after the next start. Twice is fine."""
        self._thread.stop(_STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def rule(self) -> RetentionRule:
        """Return the rule, every ten minutes: age of deliveries and size of the backlog."""
        return RetentionRule(
            name="deliveries", every_s=600.0, run=lambda: self._tasks.tidy(self._clock.utc())
        )

    def states(self) -> Mapping[str, TargetState]:
        """Return the state of each target some seconds ago. Any thread."""
        return self._states

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        silence = self._notifier.listen(lambda: loop.call_soon_threadsafe(self._rung.set))
        self._thread.ready()
        try:
            await self._duties()
        finally:
            silence()
            await self._update_pictures(None)
            await asyncio.gather(*(self._end(name) for name in list(self._running)))
            await asyncio.gather(*(self._discard(name) for name in list(self._leaving)))

    async def _duties(self) -> None:
        every = self._settings
        duties: list[tuple[float, Callable[[], Any]]] = [
            (every.escalate_s, self._escalate),
            (every.test_s, lambda: self._once(self._tasks.test)),
            (every.states_s, self._read_states),
        ]
        due = [0.0 for _ in duties]
        while True:
            await self._do(lambda: self._update_pictures(self._site() if self._leads() else None))
            await self._do(self._follow_site)
            if self._leads():
                await self._do(self._route)
            for number, (every_s, duty) in enumerate(duties):
                if self._clock.monotonic() >= due[number]:
                    due[number] = self._clock.monotonic() + every_s
                    await self._do(duty)
            self._rung.clear()
            with suppress(TimeoutError):  # `wait_for` may swallow that the service ends
                async with asyncio.timeout(every.route_s):
                    await self._rung.wait()

    async def _do(self, duty: Callable[[], Any]) -> None:
        try:
            await duty()
        except AlertsError as error:
            log.warning("outbox: %s", error)
        except Exception:  # the outermost line of a duty: the others go on
            log.exception("outbox: unexpected")

    async def _route(self) -> None:
        if await self._in_thread(self._tasks.route, self._clock.utc()):
            self._wake()

    async def _escalate(self) -> None:
        if await self._once(self._tasks.escalate):
            self._wake()

    async def _once(self, duty: Callable[[float], Any]) -> Any:
        """Run a duty of the leader; return None at other centres."""
        return await self._in_thread(duty, self._clock.utc()) if self._leads() else None

    async def _read_states(self) -> None:
        self._states = await self._in_thread(self._deliveries.target_states, self._clock.utc())

    def _wake(self) -> None:
        for running in self._running.values():
            running.wake()

    async def _follow_site(self) -> None:
        """Start, stop and restart targets by the configuration; none if another centre leads."""
        site = self._site()
        desired: dict[str, tuple[object, Callable[[], _Running]]] = {}
        for target in site.targets if self._leads() else ():
            key = (target, site.site.name, site.networks, site.centre.public_url)
            desired[target.id] = (key, partial(self._start_target, target, key))
            if not isinstance(target, MqttTarget):
                continue
            if target.signals and self._signals is not None:
                signal_key = (target, self._signals.devices.topics, site.networks)
                listen = partial(self._start_signals, self._signals, signal_key)
                desired[f"{target.id} signals"] = (signal_key, listen)
            if target.positions and self._positions is not None:
                config_key = (target, site.networks)
                follow = partial(self._start_positions, self._positions, config_key)
                desired[f"{target.id} positions"] = (config_key, follow)
            if target.home_assistant:
                shown = (target, site.networks)
                desired[f"{target.id} home assistant"] = (shown, partial(self._start_home, shown))
        for name in list(self._running):
            if name not in desired or desired[name][0] != self._running[name].key:
                await self._end(name, for_good=self._leads())
        for name, (_, start) in desired.items():
            if name not in self._running:
                await self._discard(name)
                self._running[name] = start()

    def _start_target(
        self, target: TargetConfig, key: tuple[TargetConfig, str, NetworksConfig, str | None]
    ) -> _Running:
        _, site_name, networks, screens = key
        render = partial(person_message, screens=screens)
        sender = make_sender(
            target,
            SiteVoice(
                site_name=site_name,
                message=render,
                guard=servers(networks),
                picture=self._picture,
            ),
        )
        worker = TargetWorker(
            target,
            sender,
            self._deliveries,
            in_thread=self._in_thread,
            clock=self._clock,
            settings=self._worker,
            leads=self._leads,
            alarms=lambda: self._tasks.alarms(target, self._clock.utc()),
        )
        return _Running(key=key, task=asyncio.create_task(worker.run()), wake=worker.wake)

    async def _picture(self, due: DueDelivery, within_s: float) -> bytes | None:
        _, pictures = self._pictures
        return None if pictures is None else await pictures(due, within_s)

    async def _update_pictures(self, site: Site | None) -> None:
        """Keep what makes pictures ready while a mail of this site wants them."""
        is_needed = site is not None and any(
            isinstance(target, AppriseTarget) and target.picture_within_s for target in site.targets
        )
        key = (site.detector, site.site) if site is not None and is_needed else None
        if key == self._pictures[0]:
            return
        _, old = self._pictures
        self._pictures = (key, None)
        if old is not None:
            await old.close()
        if key and site and self._make_pictures:
            made = self._make_pictures(site)
            self._pictures = (key, made)
            made.warm()

    def _start_signals(
        self, desk: SignalService, signal_key: tuple[MqttTarget, frozenset[str], NetworksConfig]
    ) -> _Running:
        target, topics, networks = signal_key
        listener = MqttSignals(target, topics, desk, self._in_thread, servers(networks))
        return _Running(key=signal_key, task=asyncio.create_task(listener.run()))

    def _start_positions(
        self, desk: PositionService, signal_key: tuple[MqttTarget, NetworksConfig]
    ) -> _Running:
        target, networks = signal_key
        listener = MqttPositions(target, desk, self._in_thread, servers(networks))
        return _Running(key=signal_key, task=asyncio.create_task(listener.run()))

    def _start_home(self, shown: tuple[MqttTarget, NetworksConfig]) -> _Running:
        target, networks = shown
        home = MqttHomeAssistant(target, self._site, servers(networks))
        return _Running(key=shown, task=asyncio.create_task(home.run()), leave=home.leave)

    async def _end(self, name: str, *, for_good: bool = False) -> None:
        running = self._running.pop(name)
        self._leaving[name] = running.task
        if for_good and running.leave is not None and not await running.leave():
            return
        await self._discard(name)

    async def _discard(self, name: str) -> None:
        """Cancel the rest of a task that ended."""
        if (task := self._leaving.pop(name, None)) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *arguments)
