"""Runner of drills: raises and clears their alerts.

`round` belongs to one thread of the centre. `DrillClip` is the drill's recording, cut around its
time, marked in every picture, and cached; making it takes seconds on the caller's thread.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from uuid6 import uuid7

from thapcanh.alerts.drills.drill_store import DrillRepository
from thapcanh.alerts.drills.drills import Drill, DrillEnd, over
from thapcanh.alerts.evidence.recorder import EventRecorder, RecorderSettings
from thapcanh.alerts.evidence.snapshots import marked
from thapcanh.alerts.evidence.store_monitor import StoreIdentity
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.publisher import EventPublisher, EventTransport
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.system_events import followed
from thapcanh.app.drills.scenarios import MADE_FIRE, MADE_LAMPS, Scenario, scenarios
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.config.site import Site
from thapcanh.config.storage import EvidenceConfig
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.errors import IngestError, SourceError
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.marked_clip import write_marked
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.sources.recorded_file import read_file

log = logging.getLogger(__name__)
SOURCE = "drill"
RULE = "drill"
NO_SCENARIO = "the configuration has no such scenario"
DRILLS_EVERY_S = 1.0
_NO_MODEL_SHA256 = "0" * 64
_SURE = 0.9
_VERSION = 1  # raise it when the mark changes: the cached films are keyed by it
_SPARE_S = 1.0  # so that the film is seen to be whole


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPaths:
    """Where a drill's files go."""

    store: EvidenceStore
    spool: Spool
    cache_dir: Path
    identity: StoreIdentity | None = None


def build(
    archive: Archive,
    outlet: EventTransport,
    store: EvidenceStore,
    identity: StoreIdentity,
    *,
    site: Callable[[], Site],
    notify: Callable[[], None],
) -> BuiltFeature:
    """Return the drills' tasks, with their own spool and recorder."""
    paths = site_paths_of(site())
    spool = Spool(paths.spool(SOURCE), SOURCE)
    places = DrillPaths(store=store, spool=spool, cache_dir=paths.cache_dir, identity=identity)
    runner = DrillRunner(archive, outlet, places, site, notify=notify)

    @contextmanager
    def running() -> Iterator[None]:
        runner.start()
        try:
            yield
        finally:
            runner.stop()
            spool.close()

    return BuiltFeature(
        rounds=(
            CentreTask(
                name="drills", every_s=DRILLS_EVERY_S, run=runner.round, thread=TaskThread.DRILLS
            ),
        ),
        running=running,
    )


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
        self._repository = DrillRepository(archive.database)
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
        running = self._repository.running()
        if running is not None:
            running = self._tended(running)
        for event in self._recorder.open_events():
            if running is None or event.event_id != running.event_id:
                now = self._clock.utc()
                self._recorder.accept(
                    followed(event, EventPhase.CLEARED, "drill_ended", now), None, None
                )
        if self._repository.close_left(self._clock.utc()):
            self._notify()

    def _tended(self, drill: Drill) -> Drill | None:
        """Return the drill if it still runs after this update."""
        now = self._clock.utc()
        why = over(drill, self._repository.standing(drill), now, self._site().drills.limit_s)
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
            clip = _drill_clip_of(scenario, self._places.cache_dir, self._site().evidence)
        except (IngestError, OSError) as error:
            log.error("drill %s: %s", drill.id, error)
            self._end(drill, str(error))
            return None
        event = _event(drill, scenario, clip.moment.at_s, self._clock.utc())
        self._recorder.accept(event, replace(clip.moment, camera_id=drill.camera_id), clip)
        log.info("drill %s: %s at camera %s", drill.id, scenario.id, drill.camera_id)
        return drill

    def _end(self, drill: Drill, failure: str | None) -> None:
        self._repository.end(drill.id, self._clock.utc(), failure=failure)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillClip:
    """Packets in decoding order, and the picture at which the alert comes."""

    packets: tuple[Packet, ...]
    moment: Frame

    @property
    def preroll(self) -> "DrillClip":
        """The clip itself, as a camera's pre-roll."""
        return self

    @property
    def privacy_mask(self) -> PrivacyMask:
        """Mask that hides nothing."""
        return PrivacyMask(())

    def between(self, from_s: float, to_s: float) -> list[Packet]:
        """Return packets of a span of recording time, starting at a keyframe."""
        until = [packet for packet in self.packets if packet.at_s <= to_s]
        if not until or until[-1].at_s < from_s:
            return []
        keyframes = [n for n, each in enumerate(until) if each.is_keyframe and each.at_s <= from_s]
        return until[keyframes[-1] if keyframes else 0 :]


def _drill_clip_of(scenario: Scenario, cache_dir: Path, spans: EvidenceConfig) -> DrillClip:
    """Return the clip, made if not cached; raises `IngestError` or `OSError`."""
    source = scenario.video or _made(scenario.id, cache_dir)
    from_s = max(0.0, scenario.at_s - spans.before_s)
    clip = cache_dir / "drills" / f"{scenario.id}-{_key(source, scenario, spans)}.mp4"
    if not clip.exists():
        to_s = scenario.at_s + spans.after_s + _SPARE_S
        write_marked(source, clip, lambda item: marked(item.bgr()), from_s=from_s, to_s=to_s)
    return _read(clip, scenario.at_s - from_s)


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


def _read(clip: Path, event_s: float) -> DrillClip:
    packets: list[Packet] = []
    moment: Frame | None = None
    for piece in read_file(clip, "drill"):
        if isinstance(piece, Packet):
            packets.append(piece)
        elif moment is None or moment.at_s < event_s:
            moment = piece
    if moment is None:
        raise SourceError(str(clip), problem="no picture", way_out="check the scenario's video")
    return DrillClip(packets=tuple(packets), moment=moment)


def _key(source: Path, scenario: Scenario, spans: EvidenceConfig) -> str:
    facts = source.stat()
    parts = (_VERSION, source, facts.st_size, facts.st_mtime_ns, scenario.at_s, spans)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _made(scenario_id: str, cache_dir: Path) -> Path:
    path = cache_dir / "drills" / f"{scenario_id}-drawn.mp4"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _drawn_by()[scenario_id](path)
    return path


def _drawn_by() -> Mapping[str, Callable[[Path], object]]:
    from thapcanh.app.drills.synthetic_clip import (
        synthetic_fire_clip,
        synthetic_quiet_clip,
    )

    return {MADE_FIRE: synthetic_fire_clip, MADE_LAMPS: synthetic_quiet_clip}
