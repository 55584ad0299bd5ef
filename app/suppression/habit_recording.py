"""Command `thapcanh cameras learn`: teaches a camera's habits by a recording of an ordinary hour.

The recording passes the detector, the camera's rules and the witness. Confirmed candidates in it
count as having come to nothing. The camera's worker joins the result with its map.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from thapcanh.alerts.store.errors import ArchiveError, QueueError
from thapcanh.alerts.suppression.habits import HabitRepository
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import RecordingProgress, console_user, fail
from thapcanh.app.registry.site import read_site
from thapcanh.app.replay.replay import Replay, at_all_hours
from thapcanh.app.site.site_archive import site_archive
from thapcanh.app.site.site_paths import QueueAddressMissing, site_paths_of
from thapcanh.app.site.site_stores import site_queue
from thapcanh.config.camera import CameraConfig
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.site import Site
from thapcanh.detection.confirmation.habit_record import to_text
from thapcanh.detection.confirmation.habits import SPAN_S, YOUNG_SPANS, HabitMap
from thapcanh.detection.confirmation.witness import Asked, SilentWitness, Witness, witness_of
from thapcanh.detection.confirmation.witness_answer import STANDS_AT, WitnessAnswer, share_of
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.region import Region, touch, union
from thapcanh.ingest.errors import IngestError
from thapcanh.ingest.sources.recorded_file import file_duration_s

UNDECIDED = WitnessAnswer(log_odds=0.0)


class CannotLearn(Exception):
    """A refused recording; the message says why in one sentence."""


@dataclass(slots=True, kw_only=True)
class LearnedPlace:
    """Place of candidates in the recording, and the surest of them."""

    kind: str
    region: Region
    log_odds: float
    inferences: int = 1

    def __str__(self) -> str:
        left, top, right, bottom = (round(100 * share) for share in self.region)
        return (
            f"{self.kind} at {left}-{right} % from the left, {top}-{bottom} % from the top: "
            f"{self.inferences} inferences, belief up to {share_of(self.log_odds):.2f}"
        )


@dataclass(slots=True, kw_only=True)
class HabitTeacher:
    """Witness that teaches a map, and leaves every place undecided so that it is asked on."""

    witness: Witness
    habits: HabitMap
    started_at: float
    places: list[LearnedPlace] = field(default_factory=list)

    def answer(self, requested: Sequence[Asked]) -> list[WitnessAnswer | None]:
        for one, answer in zip(requested, self.witness.answer(requested), strict=True):
            log_odds = STANDS_AT if answer is None else answer.log_odds
            at = self.started_at + one.frame.at_s
            self.habits.watch(at)
            self.habits.see(one.kind, one.region, at, log_odds=log_odds)
            self._add(LearnedPlace(kind=one.kind, region=one.region, log_odds=log_odds))
        return [UNDECIDED] * len(requested)

    def _add(self, new: LearnedPlace) -> None:
        for place in self.places:
            if place.kind == new.kind and touch(place.region, new.region):
                place.region = union(place.region, new.region)
                place.log_odds = max(place.log_odds, new.log_odds)
                place.inferences += 1
                return
        self.places.append(new)


def run_learn(options: argparse.Namespace) -> int:
    """Learn from the recording, print the places, store the map; return the exit code."""
    loaded = read_site(options.config)
    if loaded.site is None:
        return fail("\n".join(map(str, loaded.problems)))
    site, path = loaded.site, options.recording
    try:
        camera = _camera(site, str(options.file))
        started_at = _started_at(path, options.at)
        teacher = learn_recording(site, camera, path, started_at)
        sys.stdout.write("".join(f"{line}\n" for line in _lines(teacher, camera.id)))
        if not options.dry_run:
            _store(site, camera.id, path, teacher)
    except (CannotLearn, QueueAddressMissing) as error:
        return fail(f"cameras learn: {error}", exit_codes.MISUSED)
    except (ArchiveError, QueueError, IngestError, DetectorError) as error:
        return fail(error, exit_codes.FAILED)
    return exit_codes.OK


def learn_recording(
    site: Site, camera: CameraConfig, path: Path, started_at: float
) -> HabitTeacher:
    """Return what the recording teaches. Raise `IngestError` or `DetectorError`."""
    habits = HabitMap(started_at)
    witness = witness_of(site.detector) or SilentWitness()
    teacher = HabitTeacher(witness=witness, habits=habits, started_at=started_at)
    detector = load_detector(site.detector, site_paths_of(site).model_cache_dir)
    progress = RecordingProgress(path.name, file_duration_s(path))
    with closing(Replay(site, detector, witness=teacher)) as replay:
        rules = tuple(at_all_hours(rule) for rule in site.rules_of(camera))

        def on_inference(at_s: float) -> None:
            habits.watch(started_at + at_s)
            progress.at(at_s)

        replay.watched(path, camera, rules, lambda one: on_inference(one.frame.at_s))
    progress.clear()
    habits.watch(habits.learned_to + SPAN_S)  # the last span counts too
    return teacher


def _camera(site: Site, camera_id: str) -> CameraConfig:
    found = next((one for one in site.cameras if one.id == camera_id), None)
    if found is None:
        raise CannotLearn(f"the site has no camera {camera_id!r}; see `thapcanh cameras export`")
    return found


def _started_at(path: Path | None, at: datetime | None) -> float:
    """Return when the recording started (UTC seconds); without a time it ended just now."""
    if path is None:
        raise CannotLearn("name the camera and a recording of it: cameras learn CAMERA RECORDING")
    if at is not None:
        return (at if at.tzinfo else at.replace(tzinfo=LOCAL_TZ)).timestamp()
    return time.time() - (file_duration_s(path) or 0.0)


def _lines(teacher: HabitTeacher, camera_id: str) -> Iterator[str]:
    spans = float(teacher.habits.watched.sum())
    yield f"{camera_id}: {spans * SPAN_S / 60:.0f} min, {len(teacher.places)} places"
    yield from (f"  {place}" for place in teacher.places)
    if teacher.places:
        yield "Such candidates are raised as P2 there: look at each place before you rely on it."
    if round(spans) < YOUNG_SPANS:
        yield "Shorter than an hour: it counts for less."


def _store(site: Site, camera_id: str, path: Path, teacher: HabitTeacher) -> None:
    """Log it, then leave the map for the camera's worker. Raise `ArchiveError`, `QueueError`."""
    places = [str(place) for place in teacher.places]
    with closing(site_archive(site)) as archive:
        HabitRepository(archive.database).log_recording(
            camera_id, path.name, places, console_user(), time.time()
        )
    with closing(site_queue(site)) as queue:
        queue.habits.add_recorded(camera_id, to_text(teacher.habits))
