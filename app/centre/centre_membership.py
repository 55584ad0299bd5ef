"""One of several centres on a PostgreSQL archive, or the only one on SQLite.

`centre_findings` and `unsure` are pure.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.coordination.centres import (
    SKEW_S,
    UPDATED_EVERY_S,
    ExpectedCentre,
    LivingCentre,
    expected_centres,
    living_centres,
    note_alive,
)
from thapcanh.alerts.store.coordination.change_listener import ChangeListener
from thapcanh.alerts.store.coordination.leadership import LeaderElection, Leadership, SoleLeader
from thapcanh.alerts.store.coordination.session import is_shared
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.schema_version import newest_revision
from thapcanh.app.centre.periodic_tasks import PeriodicRunner, PeriodicTask
from thapcanh.app.health.centre_health_checks import CLOCK_SKEW
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.health.left_open import LeaderTerms
from thapcanh.app.site.site_paths import archive_url, centre_name_of
from thapcanh.config.site import Site
from thapcanh.detection.event import Event

PART = "centre"
CENTRE_LOST = HealthProblem(
    rule_id="centre_lost", kind=SystemKind.CENTRE_LOST, raise_after_s=10.0, clear_after_s=5.0
)  # an archive that was away finds all silent, until each has spoken again


class CentreMembership:
    """Name, change notifications and leadership of this centre."""

    def __init__(self, site: Site, ring: Callable[[], None]) -> None:
        url = archive_url(site)
        self.is_shared = is_shared(url)
        self.name = centre_name_of(site) if self.is_shared else PART
        self.leadership: Leadership = SoleLeader()
        self._listener: ChangeListener | None = None
        self._archive: Archive | None = None
        self._findings: list[HealthCheck] = []
        if self.is_shared:
            self.leadership = LeaderElection(url, self.name, schema=newest_revision())
            self._listener = ChangeListener(url, self.name, ring)

    def leads(self) -> bool:
        """Return True if this centre is the leader now. Any thread."""
        return self.leadership.leads

    def term(self) -> int:
        """Return how often this centre became leader."""
        return self.leadership.term

    def terms(self, archive: Archive, spool: Spool) -> LeaderTerms:
        """Return the leader's state for tasks that track the centre's active events.

        If another centre may have led in between, only the archive has them.
        """

        def of_all_centres() -> list[Event]:
            return archive.active_events(spool.source)

        left_open = of_all_centres if self.is_shared else spool.open_events
        return LeaderTerms(self.leadership, left_open, is_shared=self.is_shared)

    def living(self, archive: Archive) -> Callable[[], list[LivingCentre]]:
        """Return a function that lists live centres and which one leads."""
        if self.is_shared:
            return lambda: living_centres(archive.database)
        return lambda: [LivingCentre(name=self.name, leads=True)]

    def expected(self) -> list[ExpectedCentre]:
        """Return the centres that should be alive. Any thread; raises `ArchiveError`."""
        return [] if self._archive is None else expected_centres(self._archive.database)

    def findings(self) -> list[HealthCheck]:
        """Return problems of the other centres. Runs on the health thread."""
        try:
            self._findings = centre_findings(self.expected(), self.name)
        except ArchiveError:
            return unsure(self._findings)
        return self._findings

    @contextmanager
    def running(self, archive: Archive) -> Iterator[None]:
        """Take part in the election; let go when all that was done as the leader has ended."""
        self._archive = archive
        task = PeriodicTask(
            name="presence",
            every_s=UPDATED_EVERY_S,
            run=lambda: note_alive(archive.database, self.name),
        )
        if self.is_shared:  # before it may lead: others look here for the schema that it writes
            with suppress(ArchiveError):
                task.run()
        presence = PeriodicRunner((task,) if self.is_shared else (), "presence")
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
    """Return the lock name: the only centre, or the only centre of this data folder."""
    return f"{PART}:{centre_name_of(site)}" if is_shared(archive_url(site)) else PART


def centre_findings(expected: Sequence[ExpectedCentre], me: str) -> list[HealthCheck]:
    """Return problems of every centre but this one; clocks are compared with the queue's."""
    others = [item for item in expected if item.name != me]
    return [*(_lost(item) for item in others), *(_clock(item) for item in others)]


def unsure(findings: Sequence[HealthCheck]) -> list[HealthCheck]:
    """Return the findings as unsure while the archive does not answer."""
    return [
        HealthCheck(trouble=item.trouble, subject=item.subject, verdict=HealthVerdict.UNSURE)
        for item in findings
    ]


def _lost(item: ExpectedCentre) -> HealthCheck:
    return HealthCheck(
        trouble=CENTRE_LOST,
        subject=item.name,
        verdict=HealthVerdict.FAULT if item.is_missing else HealthVerdict.FINE,
        reason="no sign of life of this centre" if item.is_missing else "it lives again",
    )


def _clock(item: ExpectedCentre) -> HealthCheck:
    off_s = abs(item.ahead_s) - item.within_s
    side = "ahead of" if item.ahead_s > 0 else "behind"
    verdict, reason = HealthVerdict.FINE, "the clock is right"
    if item.clock_is_off:
        verdict = HealthVerdict.FAULT
        reason = f"the clock is {abs(item.ahead_s):.0f} s {side} the archive's"
    elif item.is_missing or off_s >= SKEW_S / 2 or item.within_s >= SKEW_S:
        verdict = HealthVerdict.UNSURE
    return HealthCheck(trouble=CLOCK_SKEW, subject=item.name, verdict=verdict, reason=reason)
