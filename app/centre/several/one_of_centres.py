"""One centre of several on one PostgreSQL archive, or the only one on an SQLite file.

Where several may run, each has a name, of its host and its data folder; what must be done once is
done by the one that leads, and each hears at once what another has changed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alerts.lifecycle.archive import Archive
from alerts.queue.spool import Spool
from alerts.store.coordination.change_listener import ChangeListener
from alerts.store.coordination.expected_centres import (
    SEEN_EVERY_S,
    ExpectedCentre,
    expected_centres,
    note_seen,
)
from alerts.store.coordination.leadership import LeaderElection, Leadership, SoleLeader
from alerts.store.coordination.presence import LivingCentre, living_centres
from alerts.store.coordination.session import is_shared
from alerts.store.errors import ArchiveError
from app.centre.periodic_tasks import PeriodicRunner, PeriodicTask
from app.centre.several.centre_signs import centre_signs, unsure
from app.health.health_monitor import HealthCheck
from app.health.leader_terms import LeaderTerms
from app.site.site_paths import archive_url, centre_name_of
from config.site import Site
from detection.event import Event

PART = "centre"


class OneOfCentres:
    """What makes this centre one of several: its name, its bell, and whether it leads."""

    def __init__(self, site: Site, ring: Callable[[], None]) -> None:
        url = archive_url(site)
        self.is_shared = is_shared(url)
        self.name = centre_name_of(site) if self.is_shared else PART
        self.leadership: Leadership = SoleLeader()
        self._listener: ChangeListener | None = None
        self._archive: Archive | None = None
        self._signs: list[HealthCheck] = []
        if self.is_shared:
            self.leadership = LeaderElection(url, self.name)
            self._listener = ChangeListener(url, self.name, ring)

    def leads(self) -> bool:
        """Whether this centre does now what is done once. Any thread."""
        return self.leadership.leads

    def term(self) -> int:
        """How often this centre began to lead."""
        return self.leadership.term

    def terms(self, archive: Archive, spool: Spool) -> LeaderTerms:
        """What a round of the leader's needs that remembers which of the centre's events are open.

        Where another centre may have led meanwhile, only the archive knows.
        """

        def of_all_centres() -> list[Event]:
            return archive.active_events(spool.source)

        left_open = of_all_centres if self.is_shared else spool.open_events
        return LeaderTerms(self.leadership, left_open, is_shared=self.is_shared)

    def living(self, archive: Archive) -> Callable[[], list[LivingCentre]]:
        """What to ask for the centres that live and which of them leads."""
        if self.is_shared:
            return lambda: living_centres(archive.database)
        return lambda: [LivingCentre(name=self.name, leads=True)]

    def expected(self) -> list[ExpectedCentre]:
        """The centres that should live. Any thread; raises `ArchiveError`."""
        return [] if self._archive is None else expected_centres(self._archive.database)

    def signs(self) -> list[HealthCheck]:
        """What is wrong with the others. On the thread of the health rounds."""
        try:
            self._signs = centre_signs(self.expected(), self.name)
        except ArchiveError:
            return unsure(self._signs)
        return self._signs

    @contextmanager
    def running(self, archive: Archive) -> Iterator[None]:
        """Take part in the election; let go when all that was done as the leader has ended."""
        self._archive = archive
        seen = PeriodicTask(
            name="presence",
            every_s=SEEN_EVERY_S,
            run=lambda: note_seen(archive.database, self.name),
        )
        presence = PeriodicRunner((seen,) if self.is_shared else (), "presence")
        presence.start()
        if self._listener is not None:
            self._listener.start()
        self.leadership.start()
        try:
            yield
        finally:
            presence.stop()
            self.leadership.stop()
            if self._listener is not None:
                self._listener.stop()


def claimed_part(site: Site) -> str:
    """What only one process may be: the centre, or the centre of this data folder."""
    return f"{PART}:{centre_name_of(site)}" if is_shared(archive_url(site)) else PART
