"""Detector for programs: pictures in, detections out. Not thread-safe."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, overload

import numpy as np

from thapcanh.app.library.pictures import Channels, Picture, PictureDetections, frame_of_picture
from thapcanh.app.replay.replay import object_model
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import site_paths_of, user_cache_dir
from thapcanh.config.site import Site
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.errors import DetectorError
from thapcanh.ingest.frame import Frame

_WEIGHTS = frozenset({".pt", ".onnx", ".engine", ".xml"})


class PictureDetector:
    """Detectors of a site, or the shipped one; loaded and tested when constructed.

    A site's object model sees every picture, and its classes are its alone.
    Raise `ConfigError` for an unusable configuration, `DetectorError` when no detector works or for
    unsupported arguments.
    """

    def __init__(
        self,
        config: str | os.PathLike[str] | None = None,
        *,
        min_confidence: float = 0.0,
        classes: Iterable[str] | None = None,
    ) -> None:
        """Load the detector of the configuration file `config`.

        Detections below `min_confidence` (0..1) and of labels that are not in `classes` are left
        out.
        """
        if not 0.0 <= min_confidence <= 1.0:
            raise DetectorError(f"min_confidence={min_confidence!r}: expected a number in 0..1")
        if config is None:
            site, cache_dir = Site(), user_cache_dir() / "models"
        else:
            site = load_site(_config_path(config)).site_or_raise()
            cache_dir = site_paths_of(site).model_cache_dir
        self._detector = load_detector(site.detector, cache_dir)
        self._objects = object_model(site, cache_dir)
        things = site.detector.objects
        others = () if things is None else things.labels
        self._labels = tuple(dict.fromkeys((*self._detector.labels, *others)))
        self._min_confidence = min_confidence
        self._classes = _registered(classes, self._labels)
        self._is_closed = False

    @property
    def labels(self) -> tuple[str, ...]:
        return self._labels

    @overload
    def detect(self, picture: Picture, *, channels: Channels = "bgr") -> PictureDetections: ...
    @overload
    def detect(
        self, picture: list[Picture] | tuple[Picture, ...], *, channels: Channels = "bgr"
    ) -> list[PictureDetections]: ...
    def detect(
        self, picture: Picture | list[Picture] | tuple[Picture, ...], *, channels: Channels = "bgr"
    ) -> PictureDetections | list[PictureDetections]:
        """Return the detections of a picture; for a list of pictures a list, in its order.

        A picture is an array `(height, width, 3) uint8`, blue first as OpenCV reads it
        (`channels="rgb"`: red first), a PIL image, the path of a file, or a `Frame`. Raise
        `DetectorError` for anything else, and when the model fails.
        """
        if self._is_closed:
            raise DetectorError("this detector was closed: make another one")
        if isinstance(picture, list | tuple):
            return self._detections([frame_of_picture(each, channels) for each in picture])
        (found,) = self._detections([frame_of_picture(picture, channels)])
        return found

    def close(self) -> None:
        """Release the memory; idempotent."""
        if not self._is_closed:
            self._is_closed = True
            self._detector.close()
            if self._objects is not None:
                self._objects.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = ", closed" if self._is_closed else ""
        return f"thapcanh.Detector({self._detector.model.name!r}, labels={self.labels}{state})"

    def _detections(self, frames: Sequence[Frame]) -> list[PictureDetections]:
        most = self._detector.max_batch
        return [
            PictureDetections(self._desired(found), self.labels)
            for start in range(0, len(frames), most)
            for found in self._found(frames[start : start + most])
        ]

    def _found(self, frames: Sequence[Frame]) -> list[Detections]:
        wholes = self._detector.detect(frames)
        if self._objects is None:
            return wholes
        found = self._objects.detect(frames, wholes)
        if found is None:
            raise DetectorError(f"object model: {self._objects.counts.error}")
        return found

    def _desired(self, found: Detections) -> Detections:
        names = np.array([label in self._classes for label in found.label], dtype=bool)
        return found.where(names & (found.confidence >= self._min_confidence))


def _config_path(config: object) -> Path:
    if not isinstance(config, str | os.PathLike):
        raise DetectorError(f"config={config!r}: expected the path of a configuration file")
    path = Path(config)
    if path.suffix.lower() in _WEIGHTS:
        raise DetectorError(
            f"{path}: weights are named in a configuration; write [detector] weights = "
            f'"{path.name}" to a file, and give its path'
        )
    return path


def _registered(classes: Iterable[str] | None, labels: tuple[str, ...]) -> frozenset[str]:
    if classes is None:
        return frozenset(labels)
    requested = frozenset([classes] if isinstance(classes, str) else classes)
    if unsupported := sorted(map(str, requested - set(labels))):
        raise DetectorError(f"classes: {', '.join(unsupported)}; this detector sees {list(labels)}")
    return requested
