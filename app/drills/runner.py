"""Puts drills on: from the book to the desks and, when one is over, away again.

`round` belongs to one thread of the centre. A drill's event goes the way of real ones (evidence,
spool, archive, change, screens) under a source of its own, so numbers of the centre's or a worker's
sequence are never touched. All that is open stands in the spool and in the book: whatever dies, the
next centre goes on with it. What is real comes first: a real alert of P1 ends a drill.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from uuid6 import uuid7

from alerts.drills.drill_store import DrillRepository
from alerts.drills.drills import Drill, DrillEnd, over
from alerts.evidence.recorder import EventRecorder, RecorderSettings
from alerts.evidence.store_monitor import StoreIdentity
from alerts.evidence.stores.store import EvidenceStore
from alerts.lifecycle.archive import Archive
from alerts.queue.publisher import EventPublisher, EventTransport
from alerts.queue.spool import Spool
from alerts.queue.system_events import followed
from app.drills.clip import drill_clip_of
from app.drills.scenarios import Scenario, scenarios
from config.site import Site
from detection.event import Event, EventPhase
from ingest.clock import Clock, SystemClock
from ingest.errors import IngestError

log = logging.getLogger(__name__)

SOURCE = "drill"
RULE = "drill"
NO_SCENARIO = "the configuration has no such scenario"

_NO_MODEL_SHA256 = "0" * 64
_SURE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPaths:
    """Where a drill's files go."""

    store: EvidenceStore
    spool: Spool
    cache_dir: Path
    identity: StoreIdentity | None = None


class DrillRunner:
    """Owns a recorder and a publisher between `start` and `stop`."""

    def __init__(
        self,
        archive: Archive,
        outlet: EventTransport,
        places: DrillPaths,
        site: Callable[[], Site],
        *,
        notify: Callable[[], None],
        clock: Clock | None = None,
    ) -> None:
        self._book = DrillRepository(archive.database)
        self._places = places
        self._site = site
        self._notify = notify
        self._clock = clock or SystemClock()
        spans = site().evidence
        settings = RecorderSettings(before_s=spans.before_s, after_s=spans.after_s)
        self._recorder = EventRecorder(
            places.store, places.spool, settings=settings, identity=places.identity
        )
        self._publisher = EventPublisher(places.spool, outlet)

    def start(self) -> None:
        """Begin; what an earlier centre left goes on."""
        self._recorder.start()
        self._publisher.start()

    def stop(self) -> None:
        """Finish the files in hand; calling twice is fine."""
        self._recorder.stop()
        self._publisher.stop()

    def round(self) -> None:
        """Put on what was begun, end what is over, tidy up what has ended."""
        running = self._book.running()
        if running is not None:
            running = self._tended(running)
        for event in self._recorder.open_events():
            if running is None or event.event_id != running.event_id:
                now = self._clock.utc()
                self._recorder.accept(
                    followed(event, EventPhase.CLEARED, "drill_ended", now), None, None
                )
        if self._book.close_left(self._clock.utc()):
            self._notify()

    def _tended(self, drill: Drill) -> Drill | None:
        """The drill if it still runs afterwards."""
        now = self._clock.utc()
        why = over(drill, self._book.standing(drill), now, self._site().drills.limit_s)
        if why is not None:
            log.info("drill %s is over: %s", drill.id, why)
            self._end(drill, why.value if why is DrillEnd.REAL_ALERT else None)
            return None
        if all(event.event_id != drill.event_id for event in self._recorder.open_events()):
            return self._put_on(drill)
        return drill

    def _put_on(self, drill: Drill) -> Drill | None:
        scenario = scenarios(self._site()).get(drill.scenario_id)
        if scenario is None:
            self._end(drill, NO_SCENARIO)
            return None
        try:
            film = drill_clip_of(scenario, self._places.cache_dir, self._site().evidence)
        except (IngestError, OSError) as error:
            log.error("drill %s: %s", drill.id, error)
            self._end(drill, str(error))
            return None
        event = _event(drill, scenario, film.moment.at_s, self._clock.utc())
        self._recorder.accept(event, replace(film.moment, camera_id=drill.camera_id), film)
        log.info("drill %s: %s at camera %s", drill.id, scenario.id, drill.camera_id)
        return drill

    def _end(self, drill: Drill, failure: str | None) -> None:
        self._book.end(drill.id, self._clock.utc(), failure=failure)


def _event(drill: Drill, scenario: Scenario, at_s: float, now: float) -> Event:
    return Event(
        id=str(uuid7()),
        event_id=drill.event_id,
        phase=EventPhase.RAISED,
        kind=scenario.kind,
        camera_id=drill.camera_id,
        rule_id=RULE,
        rule_version=1,
        zone_id=None,
        priority=scenario.priority,
        box=scenario.box,
        confidence=_SURE,
        label=scenario.kind,
        track_id=None,
        model_name=RULE,
        model_sha256=_NO_MODEL_SHA256,
        at_s=at_s,
        captured_at=now,
        inferred_at=now,
        reason=RULE,
        exercise=True,
    )
