"""State of the app for routes (`AppStateDep`): shared services, and feature parts by type.

A route requests a feature's part with `part(LiveView)`, so that no feature is named here.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request

from thapcanh.alerts.delivery.outbox.records import TargetState
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer_counts import ConsumerStats
from thapcanh.alerts.queue.queue import QueueDepth
from thapcanh.alerts.queue.stage_times import StageTimes
from thapcanh.alerts.queue.workers.worker_report import CameraFigures, CountedByWorker
from thapcanh.alerts.store.coordination.centres import ExpectedCentre, LivingCentre
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.web_api.bounded_executor import BoundedExecutor
from thapcanh.app.web_api.middleware.concurrency_limit import RequestLimit
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions
from thapcanh.app.web_api.people import People
from thapcanh.config.site import Site
from thapcanh.ingest.clock import Clock

T = TypeVar("T")


class SiteHolder:
    """The site in force; replaced when the configuration's files change."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.refused_since: float | None = None
        """Since when it is not that of the files, which are broken (UTC unix seconds)."""

    def __call__(self) -> Site:
        return self._site

    def replace(self, site: Site) -> None:
        """Put a new site in force for requests that start from now on."""
        self._site = site


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """`read_figures`, `read_listed_figures` and `read_depth` may raise `QueueError`."""

    archive: Archive
    evidence: EvidenceStore
    site: SiteHolder
    clock: Clock
    bell: ChangeNotifier
    stages: StageTimes = field(default_factory=StageTimes)
    store_error: Callable[[], str | None] = lambda: None  # why evidence cannot be read now
    read_figures: Callable[[Iterable[str]], Mapping[str, CameraFigures]] = lambda _: {}
    """What the cameras of these workers count, by camera."""
    read_listed_figures: Callable[[Iterable[str]], Iterable[CountedByWorker]] = lambda _: ()
    """Of that what lists of cameras show, by worker."""
    read_depth: Callable[[], QueueDepth | None] = lambda: None
    centres: Callable[[], Sequence[LivingCentre]] = lambda: (
        LivingCentre(name="centre", leads=True),
    )
    """The centres that live; may raise `ArchiveError`."""
    expected_centres: Callable[[], Sequence[ExpectedCentre]] = lambda: ()
    """The centres that should live; may raise `ArchiveError`."""
    queue_takes_none: Callable[[], bool] = lambda: False
    """True if no entry can be added to the queue's stream; may raise `QueueError`."""
    target_states: Callable[[], Mapping[str, TargetState]] = dict
    consumer_stats: Callable[[], ConsumerStats | None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppState:
    """Made once by `create_app`."""

    services: AppContext
    features: frozenset[str]
    """The names of those that this site has, since the start."""
    people: People
    crowd: RequestLimit
    known: VerifiedSessions
    began_at: float  # by the monotonic clock
    lookups: CapacityLimiter
    stream_lookups: CapacityLimiter
    strangers_lookups: CapacityLimiter
    health: CapacityLimiter
    logins: BoundedExecutor
    provider_calls: BoundedExecutor
    end_session: Callable[[str], Awaitable[None]]
    """Ends at once what a session has open: streams, exports, live views."""
    parts: Mapping[type, Any] = field(default_factory=dict)
    """What the features made for their own endpoints."""

    def part(self, kind: type[T]) -> T:
        """Return a feature's part. Raises `KeyError` if this app has none."""
        return cast(T, self.parts[kind])

    def part_or_none(self, kind: type[T]) -> T | None:
        """Return a feature's part, or None."""
        return cast(T | None, self.parts.get(kind))


async def app_state_of(request: Request) -> AppState:
    return cast(AppState, request.app.state.here)


AppStateDep = Annotated[AppState, Depends(app_state_of)]
