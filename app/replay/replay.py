"""Replay of recorded video through a camera's pipeline and rules, as fast as possible."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from thapcanh.app.replay.replayed_event import ReplayedEvent, replayed_event
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import site_paths_of, user_cache_dir
from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import EVERY_CAMERA, Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.confirmation.witness import SilentWitness, Witness, witness_of
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.event import Event
from thapcanh.detection.inference.object_model import ObjectModel, load_object_model
from thapcanh.detection.inference.region_inference import RegionInference
from thapcanh.detection.rules.line_crossing import CrossingCounts
from thapcanh.detection.rules.registry import default_rules
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, adaptive_decoding_settings
from thapcanh.ingest.decoding.policy import DecodingPolicy
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.recorded_file import Piece, ReadCounts, read_file

CAMERA_ID = "replay"
CALL = "113-0000"
_IDS = uuid.UUID("6f1f3c1e-6d0c-5b53-9d0b-1f6f0c1f7c11")  # names the ids of replayed events
_ROUNDING_S = 1e-6  # video times are sums of fractions


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedInference:
    """One inference of a replay: input, output, and why no event was raised."""

    frame: Frame
    detections: Detections
    events: list[Event]
    verdicts: tuple[str, ...]
    crossings: dict[str, CrossingCounts]
    present: dict[str, int]


OnInference = Callable[[ReplayedInference], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedFilm:
    """Packets and frames in order; a policy chooses which are decoded."""

    name: str
    pieces: Callable[[DecodingPolicy | None], Iterator[Piece]]
    counts: ReadCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Statistics of one replayed file."""

    file: str
    duration_s: float
    packets: int
    frames_decoded: int
    looks: int
    wall_s: float
    crossings: dict[str, CrossingCounts] = field(default_factory=dict)
    """Over each line that a rule watches, by rule; none without such rules."""


class Replay:
    """Replay of files with one detector and one site's rules."""

    def __init__(
        self,
        site: Site,
        detector: Detector,
        *,
        objects: ObjectModel | None = None,
        as_live: bool = False,
        as_called: bool = False,
        witness: Witness | None = None,
    ) -> None:
        """Create the replay; `as_live` uses the adaptive decoder, to measure the cost of sleeping.

        `as_called` replays as if a call had reported a fire near each camera. `witness` stands in
        for the site's.
        """
        self._site = site
        self._as_live = as_live
        self._call = CALL if as_called else None
        self._detector = detector
        self._objects = objects
        witness = witness or witness_of(site.detector)
        self._belief = BeliefSources(has_witness=witness is not None)
        self._witness = witness or SilentWitness()

    @property
    def model(self) -> ModelIdentity:
        return self._detector.model

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes that rules may name."""
        return self._site.detector.labels

    def file(self, source: Path | SecretUrl, on_look: OnInference) -> Summary:
        """See a source to its end by the site's rules; raises `IngestError` or `DetectorError`."""
        return self.watched(source, *camera_and_rules(self._site, source), on_look)

    def watched(
        self,
        source: Path | SecretUrl,
        camera: CameraConfig,
        rules: Sequence[Rule],
        on_look: OnInference,
    ) -> Summary:
        """See a source to its end as this camera, by these rules; raises as `file` does."""
        return self.film(replayed_recording(source, camera.id), camera, rules, on_look)

    def film(
        self,
        film: "ReplayedFilm",
        camera: CameraConfig,
        rules: Sequence[Rule],
        on_look: OnInference,
    ) -> Summary:
        """Replay a recording as this camera, by these rules; raises as `file` does."""
        started_s = time.monotonic()
        scene = self._scene(film, camera, rules)
        looks = 0
        for look in self._inferences(film, scene):
            looks += 1
            on_look(look)
        return Summary(
            file=film.name,
            duration_s=round(film.counts.duration_s, 3),
            packets=film.counts.packets,
            frames_decoded=film.counts.frames_decoded,
            looks=looks,
            wall_s=round(time.monotonic() - started_s, 3),
            crossings=scene.crossings(),
        )

    def events_in(self, source: Path | SecretUrl) -> Iterator[ReplayedEvent]:
        """Yield each event of a source by the site's rules; raises as `file` does."""
        camera, rules = camera_and_rules(self._site, source)
        film = replayed_recording(source, camera.id)
        for inference in self._inferences(film, self._scene(film, camera, rules)):
            frame = inference.frame
            for event in inference.events:
                yield replayed_event(event, frame.width, frame.height)

    def close(self) -> None:
        """Let the detectors go."""
        self._detector.close()
        if self._objects is not None:
            self._objects.close()

    def _scene(
        self, film: ReplayedFilm, camera: CameraConfig, rules: Sequence[Rule]
    ) -> CameraPipeline:
        ids = ids_of(film.name)

        def pipeline(some: Sequence[Rule]) -> CameraPipeline:
            return CameraPipeline(camera, some, self._detector.model, ids, belief=self._belief)

        if self._objects is None:
            scene = pipeline(rules)
        else:
            scene = self._objects.pipeline(camera, rules, ids, pipeline)
        scene.record_call(self._call, is_near=self._call is not None)
        return scene

    def _inferences(self, film: ReplayedFilm, scene: CameraPipeline) -> Iterator[ReplayedInference]:
        detector = self._detector
        looks_closer = self._site.looks.regions
        regions = RegionInference(detector.detect, detector.size_px, is_on=looks_closer)
        next_look_s = 0.0
        policy = self._policy_of(scene)
        for piece in film.pieces(policy):
            if not isinstance(piece, Frame):
                continue
            scene.glance(piece)
            if piece.at_s + _ROUNDING_S < next_look_s:
                continue
            next_look_s = self._next_look_s(piece.at_s)
            (detections,) = regions.observe([piece])
            events = scene.observe_answered(self._witness, piece, detections)
            detections = self._with_objects(scene, piece, detections, events)
            if policy is not None and scene.is_attentive:
                policy.wake("seen", is_sure=scene.has_candidate)
            yield ReplayedInference(
                frame=piece,
                detections=detections,
                events=events,
                verdicts=scene.verdicts(),
                crossings=scene.crossings(),
                present=scene.present(),
            )

    def _with_objects(
        self, scene: CameraPipeline, frame: Frame, whole: Detections, events: list[Event]
    ) -> Detections:
        """Run the object model where it is due; add its events, return all detections.

        Raise `DetectorError` if it fails.
        """
        model = self._objects
        if model is None or scene.objects is None or not model.is_due(scene, frame):
            return whole
        found = model.detect([frame], [whole])
        if found is None:
            raise DetectorError(f"object model: {model.counts.error}")
        events += scene.objects.observe(frame, found[0])
        return found[0]

    def _policy_of(self, scene: CameraPipeline) -> DecodingPolicy | None:
        """Return the worker's decoding policy for this camera; None to decode every picture."""
        settings = adaptive_decoding_settings(self._site.looks)
        if not self._as_live or settings is None or scene.needs_every_picture:
            return None
        return AdaptiveDecodingPolicy(settings)

    def _next_look_s(self, at_s: float) -> float:
        """Return the next multiple of the inference interval, independent of the frame rate."""
        interval_s = self._site.looks.interval_s
        return (int((at_s + _ROUNDING_S) / interval_s) + 1) * interval_s


def load_replay(config: Path | None, *, as_live: bool = False, as_called: bool = False) -> Replay:
    """Return a replay of the site; without a configuration, fire and smoke everywhere."""
    if config is None:
        site = Site(rules=default_rules())
        cache_dir = user_cache_dir() / "models"
    else:
        site = load_site(config).site_or_raise()
        cache_dir = site_paths_of(site).model_cache_dir
    detector = load_detector(site.detector, cache_dir)
    objects = object_model(site, cache_dir)
    return Replay(site, detector, objects=objects, as_live=as_live, as_called=as_called)


def object_model(site: Site, cache_dir: Path) -> ObjectModel | None:
    """Return the site's object model, if it has one. Raise `DetectorError` if it is unusable."""
    model = load_object_model(site.detector, cache_dir)
    if model is not None and model.counts.error:
        raise DetectorError(f"object model: {model.counts.error}")
    return model


def replayed_recording(source: Path | SecretUrl, camera_id: str) -> ReplayedFilm:
    """Return a file, or a stream until its end, as a recording."""
    counts = ReadCounts()

    def pieces(policy: DecodingPolicy | None) -> Iterator[Piece]:
        return read_file(source, camera_id, counts=counts, policy=policy)

    return ReplayedFilm(name=str(source), pieces=pieces, counts=counts)


def camera_and_rules(site: Site, source: Path | SecretUrl) -> tuple[CameraConfig, tuple[Rule, ...]]:
    """Return the site's camera for this source (by source or file name), and its rules.

    A file of no camera gets the rules for every camera that name no zone. Hours are ignored,
    because a file's time of day is unknown.
    """
    for camera in site.cameras:
        if _is_source(camera, source):
            return camera, tuple(at_all_hours(rule) for rule in site.rules_of(camera))
    url = source if isinstance(source, SecretUrl) else SecretUrl(str(source))
    name = source.name if isinstance(source, Path) else str(source)
    stranger = CameraConfig(id=CAMERA_ID, name=name[:120] or CAMERA_ID, source=url)
    rules = (rule for rule in site.rules if rule.cameras == EVERY_CAMERA and rule.zone is None)
    return stranger, tuple(at_all_hours(rule) for rule in rules)


def at_all_hours(rule: Rule) -> Rule:
    """Return the rule without its hours."""
    return rule.model_copy(update={"hours": ()})


def _is_source(camera: CameraConfig, source: Path | SecretUrl) -> bool:
    if isinstance(source, SecretUrl):
        return camera.source == source
    if camera.id == source.stem:
        return True
    if camera.source.scheme not in ("", "file"):
        return False
    return Path(camera.source.reveal().removeprefix("file://")).resolve() == source.resolve()


def ids_of(name: object) -> Callable[[], str]:
    """Return an id generator that repeats for the same name."""
    numbers = count()
    return lambda: str(uuid.uuid5(_IDS, f"{name}|{next(numbers)}"))
