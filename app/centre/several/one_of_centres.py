"""One centre of several on one PostgreSQL archive, or the only one on an SQLite file.

Where several may run, each has a name, of its host and its data folder; what must be done once is
done by the one that leads, and each hears at once what another has changed.

`centre_signs`, `unsure`: what is wrong with the other centres: one that is missing, one whose
clock is off. Pure.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.coordination.centres import (
    SEEN_EVERY_S,
    SKEW_S,
    ExpectedCentre,
    LivingCentre,
    expected_centres,
    living_centres,
    note_seen,
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
            self.leadership = LeaderElection(url, self.name, schema=newest_revision())
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
        if self.is_shared:  # before it may lead: others look here for the schema that it writes
            with suppress(ArchiveError):
                seen.run()
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


def centre_signs(expected: Sequence[ExpectedCentre], me: str) -> list[HealthCheck]:
    """Of every centre but the one that asks, whose clock is compared with the queue's."""
    others = [one for one in expected if one.name != me]
    return [*(_lost(one) for one in others), *(_clock(one) for one in others)]


def unsure(signs: Sequence[HealthCheck]) -> list[HealthCheck]:
    """The same signs while the archive does not answer: what was so stays so."""
    return [
        HealthCheck(trouble=one.trouble, subject=one.subject, verdict=HealthVerdict.UNSURE)
        for one in signs
    ]


def _lost(one: ExpectedCentre) -> HealthCheck:
    return HealthCheck(
        trouble=CENTRE_LOST,
        subject=one.name,
        verdict=HealthVerdict.FAULT if one.is_missing else HealthVerdict.FINE,
        reason="no sign of life of this centre" if one.is_missing else "it lives again",
    )


def _clock(one: ExpectedCentre) -> HealthCheck:
    off_s = abs(one.ahead_s) - one.within_s
    side = "ahead of" if one.ahead_s > 0 else "behind"
    verdict, reason = HealthVerdict.FINE, "the clock is right"
    if one.clock_is_off:
        verdict = HealthVerdict.FAULT
        reason = f"the clock is {abs(one.ahead_s):.0f} s {side} the archive's"
    elif one.is_missing or off_s >= SKEW_S / 2 or one.within_s >= SKEW_S:
        verdict = HealthVerdict.UNSURE
    return HealthCheck(trouble=CLOCK_SKEW, subject=one.name, verdict=verdict, reason=reason)
