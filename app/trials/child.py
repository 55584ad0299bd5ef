"""Child process that tries a rule on recordings; a JSON job on stdin.

Each event that the rule would raise is one line of JSON, and a picture in the job's folder.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

from thapcanh.alerts.evidence.snapshots import boxed, jpeg
from thapcanh.app.replay.replay import Replay, ReplayedFilm, ReplayedInference, object_model
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
_REPORT_EVERY_S = 5.0  # of the film
_APART_S = 0.001  # at least, between the pictures of two segments


class TrialRecording(TypedDict):
    """A recorded segment, and its start (UTC unix seconds)."""

    path: str
    from_s: float


class TrialJob(TypedDict):
    camera: dict[str, Any]
    rule: dict[str, Any]
    detector: dict[str, Any]
    looks: dict[str, Any]
    model_cache: str
    pictures: str
    films: list[TrialRecording]


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
    cache = Path(job["model_cache"])
    detector, objects = load_detector(detector_settings, cache), object_model(site, cache)
    teller = _Teller(Path(job["pictures"]), PrivacyMask(camera.privacy_masks))
    films = _Recordings(job["films"], camera.id)
    film = ReplayedFilm(name="trial", pieces=films.pieces, counts=ReadCounts())
    Replay(site, detector, objects=objects, as_live=True).film(film, camera, [rule], teller.tell)
    _write_line({"phase": "done", "unreadable": films.unreadable})


class _Recordings:
    """Consecutive segments as one recording with their original times."""

    def __init__(self, films: list[TrialRecording], camera_id: str) -> None:
        self._recordings = films
        self._camera_id = camera_id
        self._started_at = films[0]["from_s"]
        self._last_s = 0.0
        self.unreadable = 0

    def pieces(self, policy: DecodingPolicy | None) -> Iterator[Piece]:
        """Yield packets and frames; camera time starts at 0 and never decreases."""
        for film in self._recordings:
            counts = ReadCounts()
            try:
                yield from self._of_one(film, counts, policy)
            except SourceError:  # also where an unchanged picture was not decoded at all
                self.unreadable += counts.packets == 0

    def _of_one(
        self, film: TrialRecording, counts: ReadCounts, policy: DecodingPolicy | None
    ) -> Iterator[Piece]:
        begins_s = max(film["from_s"] - self._started_at, self._last_s + _APART_S)
        for piece in read_file(
            Path(film["path"]),
            self._camera_id,
            counts=counts,
            started_at=self._started_at,
            begins_s=begins_s,
            policy=policy,
        ):
            self._last_s = max(self._last_s, piece.at_s)
            yield piece


class _Teller:
    """Writer of events and progress."""

    def __init__(self, folder: Path, mask: PrivacyMask) -> None:
        self._folder = folder
        self._mask = mask
        self._count = 0
        self._reported_s = 0.0

    def tell(self, look: ReplayedInference) -> None:
        """Write one line per event, with its picture."""
        for event in look.events:
            if event.phase is not EventPhase.RAISED:
                continue
            self._count += 1
            has_picture = self._count <= MOST_PICTURES
            if has_picture:
                picture = jpeg(boxed(self._mask.on_frame(look.frame).bgr(), event))
                (self._folder / f"{self._count}.jpg").write_bytes(picture)
            _write_line(
                {
                    "phase": "raised",
                    "at": look.frame.captured_at,
                    "kind": event.kind,
                    "confidence": event.confidence,
                    "picture": self._count if has_picture else None,
                }
            )
        if look.frame.at_s - self._reported_s >= _REPORT_EVERY_S or self._reported_s == 0.0:
            self._reported_s = look.frame.at_s
            _write_line({"phase": "seen", "to": look.frame.captured_at})


def _write_line(line: dict[str, object]) -> None:
    """Write a line at once; a missing parent ends this process."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
