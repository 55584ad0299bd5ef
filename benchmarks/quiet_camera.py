"""One quiet clip lived through as a fixed camera for hours, by the live path: packets to events.

Decoding sleeps and wakes as in a worker, regions are looked at, belief asks the camera's habits,
and an officer rejects what is told as P1 two minutes later. Camera time is the only time. What the
detector and the witness say of a picture, or a part of it, is kept: the same pictures of the film
come again and again.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.quiet_film import FPS, MINUTES, Weather, pictures_of, write_minute
from thapcanh.app.replay.replay import camera_and_rules, ids_of
from thapcanh.config.site import InferenceConfig, Site
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.confirmation.habits import HabitMap, Lesson, LessonKind
from thapcanh.detection.confirmation.witness import Asked, Witness, load_witness
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.inference.region_inference import RegionInference
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, adaptive_decoding_settings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import PolicyDecoder
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file

BEGAN = 1_795_568_400.0  # 2026-11-24 08:00 in Hanoi
MINUTE_S = 40  # of made film for each weather; the hours are made of such minutes
EACH_FOR_S = 600.0  # a weather lasts
REJECTED_AFTER_S = 120.0  # the lease of a P1
HELD_BYTES = 24_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LivedCamera:
    """What one camera told in its hours, and what that took."""

    events: tuple[Event, ...]
    hours: float
    packets: int
    decoded: int
    looks: int


class CachedWitness:
    """Witness that is asked once about the same place of the same picture."""

    def __init__(self, witness: Witness, number: Callable[[Frame], tuple[str, int]]) -> None:
        self._witness = witness
        self._number = number
        self._answers: dict[tuple[object, ...], WitnessAnswer | None] = {}

    def answer(self, requested: Sequence[Asked]) -> list[WitnessAnswer | None]:
        """Return one answer per candidate, in order."""
        keys = [(self._number(one.frame), one.region, one.kind) for one in requested]
        new = [
            (key, one) for key, one in zip(keys, requested, strict=True) if key not in self._answers
        ]
        answers = self._witness.answer([one for _, one in new])
        self._answers.update(zip((key for key, _ in new), answers, strict=True))
        return [self._answers[key] for key in keys]


class QuietCamera:
    """A clip as a camera; `path` is its file. Each of `weathers` lasts `each_s`, in turns."""

    def __init__(
        self,
        path: Path,
        site: Site,
        detector: Detector,
        cache: Path,
        *,
        weathers: Sequence[Weather] = MINUTES,
        each_s: float = EACH_FOR_S,
    ) -> None:
        self._site = site
        self._detector = detector
        camera, rules = camera_and_rules(site, path)
        self._camera = camera
        self._habits = HabitMap(BEGAN)
        belief = BeliefSources(habits=self._habits, has_witness=True)
        self._witness = CachedWitness(load_witness(site.detector), self._number)
        self._pipeline = CameraPipeline(camera, rules, detector.model, ids_of(path), belief=belief)
        self._weathers, self._each_s = weathers, each_s
        self._films = _films(path, cache, weathers, site.looks)
        stream = self._films[weathers[0]][0].stream
        self._size = (stream.width, stream.height)
        self._kept: dict[tuple[str, int], Detections] = {}
        self._kept_parts: dict[bytes, Detections] = {}
        self._regions = RegionInference(self._detect, detector.size_px, is_on=site.looks.regions)
        self._lessons = 0

    def live(self, hours: float) -> LivedCamera:
        """So many hours."""
        policy = AdaptiveDecodingPolicy(adaptive_decoding_settings(self._site.looks))
        decoder = Decoder(self._camera.id, lambda at_s: BEGAN + at_s)
        decoding = PolicyDecoder(decoder, policy, max_held_bytes=HELD_BYTES)
        events: list[Event] = []
        rejected: set[str] = set()
        newest: Frame | None = None
        next_look_s, packets, looks = 0.0, 0, 0
        for packet in self._packets(hours * 3600.0):
            packets += 1
            for frame in decoding.take(packet, 0.0, now=BEGAN + packet.at_s):
                newest = frame
            if newest is None or packet.at_s + 1e-6 < next_look_s:
                continue
            looked_at, newest = newest, None
            next_look_s = packet.at_s + self._site.looks.interval_s
            looks += 1
            (seen,) = self._regions.observe([looked_at])
            events += self._pipeline.observe_answered(self._witness, looked_at, seen)
            self._answer(events, rejected, BEGAN + packet.at_s)
            if self._pipeline.is_attentive:
                policy.wake("a look", is_sure=self._pipeline.has_candidate)
        return LivedCamera(
            events=tuple(events),
            hours=hours,
            packets=packets,
            decoded=decoder.packets,
            looks=looks,
        )

    def _detect(self, frames: Sequence[Frame]) -> list[Detections]:
        return [self._detections(frame) for frame in frames]

    def _detections(self, frame: Frame) -> Detections:
        """As it was when the film showed the same pixels first."""
        is_part = (frame.width, frame.height) != self._size
        kept = self._of_part(frame) if is_part else self._of_whole(frame)
        return replace(
            kept, at_s=frame.at_s, captured_at=frame.captured_at, inferred_at=frame.captured_at
        )

    def _of_whole(self, frame: Frame) -> Detections:
        number = self._number(frame)
        if number not in self._kept:
            self._kept[number] = self._detector.detect([frame])[0]
        return self._kept[number]

    def _of_part(self, frame: Frame) -> Detections:
        content = hashlib.blake2b(digest_size=16)
        for plane in frame.planes():
            content.update(plane.tobytes())
        key = content.digest()
        if key not in self._kept_parts:
            self._kept_parts[key] = self._detector.detect([frame])[0]
        return self._kept_parts[key]

    def _number(self, frame: Frame) -> tuple[str, int]:
        """Which picture of which film it is."""
        weather = self._weather_at(frame.at_s)
        return weather.name, round(frame.at_s * FPS) % (MINUTE_S * FPS)

    def _weather_at(self, at_s: float) -> Weather:
        return self._weathers[int(at_s // self._each_s) % len(self._weathers)]

    def _packets(self, seconds: float) -> Iterator[Packet]:
        """The minutes one after the other, each weather for a while, with rising times."""
        at_s = 0.0
        while at_s < seconds:
            film = self._films[self._weather_at(at_s)]
            for number, packet in enumerate(film):
                yield packet.at(at_s + number / FPS)
            at_s += len(film) / FPS

    def _answer(self, events: Sequence[Event], rejected: set[str], now: float) -> None:
        """An officer rejects each P1 when its lease ends."""
        for event in events[-20:]:
            is_due = now - event.captured_at >= REJECTED_AFTER_S
            if event.priority > 1 or event.event_id in rejected or not is_due:
                continue
            rejected.add(event.event_id)
            self._lessons += 1
            left, top, width, height = event.box
            self._habits.take(
                Lesson(
                    number=self._lessons,
                    camera_id=event.camera_id,
                    verdict=LessonKind.REJECTED,
                    at=event.captured_at,
                    kind=event.kind,
                    region=(left, top, left + width, top + height),
                )
            )


def told(events: Sequence[Event]) -> list[tuple[float, int]]:
    """When each event was raised (seconds lived), and the gravest priority that it reached."""
    raised: dict[str, float] = {}
    gravest: dict[str, int] = {}
    for event in events:
        if event.phase is EventPhase.RAISED:
            raised[event.event_id] = event.captured_at - BEGAN
        gravest[event.event_id] = min(gravest.get(event.event_id, 3), event.priority)
    return [(at_s, gravest[event_id]) for event_id, at_s in raised.items()]


def _films(
    path: Path, cache: Path, weathers: Sequence[Weather], looks: InferenceConfig
) -> dict[Weather, list[Packet]]:
    cache.mkdir(parents=True, exist_ok=True)
    pictures = pictures_of(path)
    films = {}
    for weather in dict.fromkeys(weathers):
        target = cache / f"{path.stem}-{weather.name.replace(' ', '-')}.mp4"
        write_minute(pictures, weather, target, MINUTE_S)
        asleep = AdaptiveDecodingPolicy(adaptive_decoding_settings(looks))
        pieces = read_file(target, "replay", policy=asleep)  # a packet's picture is not wanted yet
        films[weather] = [one for one in pieces if isinstance(one, Packet)]
        target.unlink()
    return films
