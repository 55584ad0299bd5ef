"""CAP feeds: one thread of the leading centre fetches them, and their messages become sources.

A feed that cannot be read, and a message of it, is tried again and stays a health finding.
"""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from thapcanh.alerts.cap.message import CapInvalid, CapMessage
from thapcanh.alerts.cap.reading import MOST_BYTES, read_cap
from thapcanh.alerts.cap.receiving import receive_cap
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import AlertsError, KeyReused
from thapcanh.alerts.store.roles import Actor, DataFilter, Role
from thapcanh.app.cap import feed_index
from thapcanh.app.cap.feed_client import FeedClient, FeedUnread
from thapcanh.app.cap.feed_index import FeedEntry, entries_of
from thapcanh.app.cap.ownership import delivered
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.config.servers.cap_feeds import CapFeedConfig
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import servers
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)

CAP_FEED_LOST = HealthProblem(
    rule_id="cap_feed_lost", kind=SystemKind.DEVICE_FAULT, raise_after_s=60.0, clear_after_s=5.0
)
_LOOK_S = 0.5
_MOST_AT_ONCE = 50
_FIRST_RETRY_S = 5.0


@dataclass(slots=True)
class _FeedState:
    """What is known of a feed since this centre leads. `due_at` is monotonic seconds."""

    config: CapFeedConfig
    due_at: float = float("-inf")
    failures: int = 0
    error: str | None = None
    conditions: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    """Versions of the messages that were taken, by address."""


@dataclass(slots=True)
class _Round:
    """What one look at a feed found; `is_whole` if nothing of it is left for the next."""

    messages: list[tuple[CapMessage, FeedEntry]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    listed: list[FeedEntry] | None = None
    conditions: dict[str, str] = field(default_factory=dict)
    is_whole: bool = True


class CapFeeds:
    """Owns one thread between `start` and `stop`; `findings` is for any thread."""

    def __init__(
        self,
        database: Database,
        site: Callable[[], Site],
        leads: Callable[[], bool],
        notifier: ChangeNotifier,
        clock: Clock,
    ) -> None:
        self._database = database
        self._site = site
        self._leads = leads
        self._notifier = notifier
        self._clock = clock
        self._states: dict[str, _FeedState] = {}
        self._thread = StoppableThread(self._run, "cap-feeds", clock)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; what was not taken is fetched again after the next start. Twice is fine."""
        self._thread.stop()

    def findings(self) -> list[HealthCheck]:
        """Return whether each feed, with every message in it, was read when last looked at."""
        return [_finding(state) for state in list(self._states.values())]

    def poll(self) -> None:
        """Read the feeds that are due. The thread does this; tests may."""
        self._follow_site()
        now = self._clock.monotonic()
        for state in [one for one in self._states.values() if one.due_at <= now]:
            self._read(state)
            waits_s = state.config.every_s
            if state.failures:
                waits_s = Backoff(first_s=_FIRST_RETRY_S, longest_s=waits_s).wait_s(state.failures)
            state.due_at = self._clock.monotonic() + waits_s

    def _run(self) -> None:
        while not self._thread.is_stopping:
            try:
                self.poll()
            except Exception:  # outermost line of the thread
                log.exception("cap feeds: unexpected")
            self._thread.pause(_LOOK_S)

    def _follow_site(self) -> None:
        feeds = self._site().cap_feeds if self._leads() else ()
        before = self._states
        known = {one.id: before[one.id] for one in feeds if one.id in before}
        self._states = {
            one.id: known[one.id]
            if one.id in known and known[one.id].config == one
            else _FeedState(one)
            for one in feeds
        }

    def _read(self, state: _FeedState) -> None:
        """Look at one feed once; what fails stays its error until a look that does not."""
        try:
            found = asyncio.run(self._fetched(state))
            faults = [*found.faults, *self._take(state, found)]
            error = _stated(state.config, faults)
        except (FeedUnread, CapInvalid, AlertsError) as failure:
            error = f"the feed {state.config.name} is not read: {failure}"
            state.conditions = {}
        else:
            state.conditions = found.conditions if found.is_whole and not faults else {}
            if found.listed is not None:
                keys = {_key(entry) for entry in found.listed}
                state.read = {key: seen for key, seen in state.read.items() if key in keys}
        if error is not None and error != state.error:
            log.warning("cap: %s", error)
        state.failures = 0 if error is None else state.failures + 1
        state.error = error

    async def _fetched(self, state: _FeedState) -> _Round:
        """Return the new messages of a feed. Raise `FeedUnread` or `CapInvalid`."""
        feed, found = state.config, _Round()
        url = feed.url.reveal()
        async with FeedClient(feed, servers(self._site().networks)) as client:
            index = await client.fetch(url, feed_index.MOST_BYTES, state.conditions)
            found.conditions = dict(index.headers)
            if index.body is None:
                return found
            found.listed = entries_of(index.body, url)
            new = [one for one in found.listed if state.read.get(_key(one)) != one.version]
            found.is_whole = len(new) <= _MOST_AT_ONCE
            for entry in new[:_MOST_AT_ONCE]:
                try:
                    body = entry.body
                    if body is None:
                        body = (await client.fetch(entry.url or "", MOST_BYTES)).body
                    found.messages.append((read_cap(body or b""), entry))
                except (FeedUnread, CapInvalid) as fault:
                    found.faults.append(str(fault))
        return found

    def _take(self, state: _FeedState, found: _Round) -> list[str]:
        """Store messages, the newest first, so that what one ends never opens; return faults."""
        feed, site, now = state.config, self._site(), self._clock.utc()
        actor = _actor(feed)
        outcomes: Counter[str] = Counter()
        faults = []
        for message, entry in sorted(found.messages, key=lambda one: -one[0].sent):
            if message.reference.sender not in feed.senders:
                outcomes["of another sender"] += 1
            else:
                try:
                    receipt = receive_cap(self._database, delivered(message, site, actor), now)
                    outcomes[receipt.outcome.value] += 1
                except KeyReused:
                    faults.append(f"{message.reference.identifier} came before with other words")
                    continue
            state.read[_key(entry)] = entry.version
        if outcomes:
            told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
            log.info("cap: feed %s: %s", feed.id, told)
            self._notifier.notify()
        return faults


def _finding(state: _FeedState) -> HealthCheck:
    is_well = state.error is None
    return HealthCheck(
        trouble=CAP_FEED_LOST,
        subject=state.config.id,
        verdict=HealthVerdict.FINE if is_well else HealthVerdict.FAULT,
        reason=state.error or "the feed is read again",
    )


def _stated(feed: CapFeedConfig, faults: list[str]) -> str | None:
    if not faults:
        return None
    return f"{len(faults)} messages of the feed {feed.name} cannot be read: {faults[0]}"


def _key(entry: FeedEntry) -> str:
    """Return what tells the messages of a feed apart: an address, or the message itself."""
    return entry.url or hashlib.sha256(entry.body or b"").hexdigest()


def _actor(feed: CapFeedConfig) -> Actor:
    return Actor(
        username="cap:" + feed.id,
        name=feed.name,
        role=Role.VIEWER,
        scope=DataFilter(agencies=_only(feed.agency), areas=_only(feed.area)),
    )


def _only(name: str | None) -> frozenset[str] | None:
    return None if name is None else frozenset({name})
