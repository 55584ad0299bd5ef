"""The process that tries a rule: `python -m thapcanh.app.trials.child`, a job of JSON on stdin.

It watches the films as a worker would, in their order and with their times, at the lowest priority
and within so many seconds of CPU. Each time that the rule would raise an event is one line of JSON
and a picture in the job's folder. It has no queue, no spool and no archive: nothing it sees can
become an alert. A film that cannot be read is skipped and counted.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

from thapcanh.alerts.evidence.snapshots import boxed, jpeg
from thapcanh.app.evaluation.replay import Replay, ReplayedFilm, ReplayedLook
from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import DetectorConfig, InferenceConfig, Site
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.registry import registry
from thapcanh.ingest.decoding.policy import DecodingPolicy
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.privacy_mask import PrivacyMask
from thapcanh.ingest.sources.recorded_file import Piece, ReadCounts, read_file

NICE = 19
MOST_PICTURES = 50
_TOLD_EVERY_S = 5.0  # of the film
_APART_S = 0.001  # at least, between the pictures of two segments


class TrialFilm(TypedDict):
    """A recorded segment, and when it begins (UTC unix seconds)."""

    path: str
    from_s: float


class TrialJob(TypedDict):
    """What the process is told."""

    camera: dict[str, Any]
    rule: dict[str, Any]
    detector: dict[str, Any]
    looks: dict[str, Any]
    model_cache: str
    pictures: str
    films: list[TrialFilm]


def main() -> None:
    """Do the job of stdin; its lines go to stdout."""
    job: TrialJob = json.load(sys.stdin)
    detector_settings = DetectorConfig.model_validate_json(json.dumps(job["detector"]), strict=True)
    site = Site(
        detector=detector_settings,
        looks=InferenceConfig.model_validate_json(json.dumps(job["looks"]), strict=True),
    )
    camera = CameraConfig.model_validate_json(json.dumps(job["camera"]), strict=True)
    rule = registry().models().adapter().validate_json(json.dumps(job["rule"]), strict=True)
    detector = load_detector(detector_settings, Path(job["model_cache"]))
    teller = _Teller(Path(job["pictures"]), PrivacyMask(camera.privacy_masks))
    films = _Films(job["films"], camera.id)
    film = ReplayedFilm(name="trial", pieces=films.pieces, counts=ReadCounts())
    Replay(site, detector, as_live=True).film(film, camera, [rule], teller.tell)
    _say({"phase": "done", "unreadable": films.unreadable})


class _Films:
    """Segments one after the other as one film, whose times are those at which they were filmed."""

    def __init__(self, films: list[TrialFilm], camera_id: str) -> None:
        self._films = films
        self._camera_id = camera_id
        self._began_at = films[0]["from_s"]
        self._last_s = 0.0
        self.unreadable = 0

    def pieces(self, policy: DecodingPolicy | None) -> Iterator[Piece]:
        """Packets and frames; camera time begins at 0 and never goes back."""
        for film in self._films:
            counts = ReadCounts()
            try:
                yield from self._of_one(film, counts, policy)
            except SourceError:  # also where an unchanged picture was not decoded at all
                self.unreadable += counts.packets == 0

    def _of_one(
        self, film: TrialFilm, counts: ReadCounts, policy: DecodingPolicy | None
    ) -> Iterator[Piece]:
        begins_s = max(film["from_s"] - self._began_at, self._last_s + _APART_S)
        for piece in read_file(
            Path(film["path"]),
            self._camera_id,
            counts=counts,
            started_at=self._began_at,
            begins_s=begins_s,
            policy=policy,
        ):
            self._last_s = max(self._last_s, piece.at_s)
            yield piece


class _Teller:
    """Says what would be raised, and how far the film was seen."""

    def __init__(self, folder: Path, mask: PrivacyMask) -> None:
        self._folder = folder
        self._mask = mask
        self._count = 0
        self._told_s = 0.0

    def tell(self, look: ReplayedLook) -> None:
        """One line an event, with its picture."""
        for event in look.events:
            if event.phase is not EventPhase.RAISED:
                continue
            self._count += 1
            has_picture = self._count <= MOST_PICTURES
            if has_picture:
                picture = jpeg(boxed(self._mask.on_frame(look.frame).bgr(), event))
                (self._folder / f"{self._count}.jpg").write_bytes(picture)
            _say(
                {
                    "phase": "raised",
                    "at": look.frame.captured_at,
                    "kind": event.kind,
                    "confidence": event.confidence,
                    "picture": self._count if has_picture else None,
                }
            )
        if look.frame.at_s - self._told_s >= _TOLD_EVERY_S or self._told_s == 0.0:
            self._told_s = look.frame.at_s
            _say({"phase": "seen", "to": look.frame.captured_at})


def _say(line: dict[str, object]) -> None:
    """At once; a parent that is gone ends this process."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
