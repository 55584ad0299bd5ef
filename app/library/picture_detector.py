"""A detector for programs: one picture in, what is seen in it out. Not thread-safe."""

from pathlib import Path
from types import TracebackType
from typing import Self

from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import site_paths_of, user_cache_dir
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detections import Detection
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.ingest.frame import Frame, Plane, frame_of


class PictureDetector:
    """The detector of a site, or the shipped one; made ready and tried once when constructed.

    Raise `ConfigError` for a configuration that cannot be used, `DetectorError` when there is no
    detector that works.
    """

    def __init__(self, config: Path | None = None) -> None:
        if config is None:
            settings, cache_dir = DetectorConfig(), user_cache_dir() / "models"
        else:
            site = load_site(config).site_or_raise()
            settings, cache_dir = site.detector, site_paths_of(site).model_cache_dir
        self._detector = load_detector(settings, cache_dir)

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can see."""
        return self._detector.labels

    def detect(self, picture: Frame | Plane) -> tuple[Detection, ...]:
        """What is seen, the surest first; boxes are x1, y1, x2, y2 in shares (0..1).

        A picture is `(h, w, 3) uint8`, blue first, as OpenCV reads it; or a `Frame`. Raise
        `DetectorError` when the model fails.
        """
        frame = picture if isinstance(picture, Frame) else frame_of(picture)
        (found,) = self._detector.detect([frame])
        return tuple(found.rows())

    def close(self) -> None:
        """Let the memory go; idempotent."""
        self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()
