"""What all endpoints share of the centre, and no feature's own: those are asked for by type."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.delivery.outbox.records import TargetState
from alerts.evidence.stores.store import EvidenceStore
from alerts.lifecycle.archive import Archive
from alerts.lifecycle.consumer import ConsumerStats
from alerts.queue.queue import QueueDepth
from alerts.queue.stage_times import StageTimes
from alerts.queue.workers.worker_report import CameraFigures
from alerts.store.coordination.expected_centres import ExpectedCentre
from alerts.store.coordination.presence import LivingCentre
from app.process.change_notifier import ChangeNotifier
from config.site import Site
from ingest.clock import Clock


class SiteHolder:
    """The site in force; replaced when the configuration's files change."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.refused_since: float | None = None
        """Since when it is not that of the files, which are broken (UTC unix seconds)."""

    def __call__(self) -> Site:
        """Return the site in force."""
        return self._site

    def replace(self, site: Site) -> None:
        """Put a new site in force, for every request that begins from now on."""
        self._site = site


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """`read_figures` and `read_depth` may raise `QueueError`."""

    archive: Archive
    evidence: EvidenceStore
    site: SiteHolder
    clock: Clock
    bell: ChangeNotifier
    stages: StageTimes = field(default_factory=StageTimes)
    store_error: Callable[[], str | None] = lambda: None  # why evidence cannot be read now
    read_figures: Callable[[Iterable[str]], Mapping[str, CameraFigures]] = lambda _: {}
    """What the cameras of these workers count, by camera."""
    read_depth: Callable[[], QueueDepth | None] = lambda: None
    centres: Callable[[], Sequence[LivingCentre]] = lambda: (
        LivingCentre(name="centre", leads=True),
    )
    """The centres that live; may raise `ArchiveError`."""
    expected_centres: Callable[[], Sequence[ExpectedCentre]] = lambda: ()
    """The centres that should live; may raise `ArchiveError`."""
    queue_is_used_up: Callable[[], bool] = lambda: False
    """Whether no entry can be added to the queue's stream; may raise `QueueError`."""
    target_states: Callable[[], Mapping[str, TargetState]] = dict
    consumer_stats: Callable[[], ConsumerStats | None] = lambda: None
