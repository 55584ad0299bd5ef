"""What the API is given by the centre: everything it needs, nothing it makes itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alerts.delivery.outbox.records import TargetState
from alerts.evidence.stores.store import EvidenceStore
from alerts.lifecycle.archive import Archive
from alerts.lifecycle.consumer import ConsumerStats
from alerts.queue.queue import QueueDepth
from alerts.queue.stage_times import StageTimes
from alerts.queue.workers.worker_report import CameraFigures
from alerts.store.coordination.expected_centres import ExpectedCentre
from alerts.store.coordination.presence import LivingCentre
from app.cameras.camera_board import CameraBoard
from app.live.settings import LiveSettings
from app.signals.signal_desk import SignalDesk
from app.stream.change_feed import ChangeFeedSettings
from app.stream.change_notifier import ChangeNotifier
from app.web_api.access.factor_secrets import FactorSecrets
from app.web_api.access.passwords.hasher import PasswordChecker, Passwords
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
    """`read_figures` and `read_depth` may raise `QueueError`.

    `host_names` are names this server is asked under, beside addresses in digits, `localhost` and
    the machine's own name.
    """

    archive: Archive
    evidence: EvidenceStore
    site: SiteHolder
    cameras: CameraBoard
    clock: Clock
    bell: ChangeNotifier
    web_dist: Path
    factor_secrets: FactorSecrets
    host_names: frozenset[str] = frozenset()
    passwords: PasswordChecker = field(default_factory=Passwords)
    feed: ChangeFeedSettings = field(default_factory=ChangeFeedSettings)
    live: LiveSettings = field(default_factory=LiveSettings)
    stages: StageTimes = field(default_factory=StageTimes)
    store_error: Callable[[], str | None] = lambda: None  # why evidence cannot be read now
    read_figures: Callable[[Iterable[str]], Mapping[str, CameraFigures]] = lambda _: {}
    """What the cameras of these workers count, by camera."""
    read_depth: Callable[[], QueueDepth | None] = lambda: None
    signals: SignalDesk | None = None
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
