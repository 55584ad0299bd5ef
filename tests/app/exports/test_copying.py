"""Nobody is left unhidden: in a crowd, nor where a disk gives more when it is asked again."""

from pathlib import Path

import av
import cv2
import numpy as np

from tests.app.exports.people import write_film
from tests.detection.detectors.fake_detector import FakeDetector
from thapcanh.app.exports.copying import Copier, RecordingPart
from thapcanh.app.exports.marking import CopyMark
from thapcanh.detection.detections import Detection
from thapcanh.detection.detectors.head_decoding import MAX_BOXES
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.privacy_mask import PrivacyMask

WIDTH, HEIGHT = 640, 360


def people(count: int) -> list[Detection]:
    """At the upper left corner of what is looked at."""
    return [Detection(box=(0.0, 0.0, 0.3, 0.3), confidence=0.5, label="person")] * count


def hidden_share(tmp_path: Path, detector: FakeDetector) -> float:
    """Of a picture of noise, how much of it is smooth afterwards."""
    noise = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    source, target = tmp_path / "in.png", tmp_path / "out.jpg"
    cv2.imwrite(str(source), noise)
    Copier(detector, PrivacyMask(()), CopyMark(across="an", foot="x")).picture(source, target)
    made = cv2.imread(str(target), cv2.IMREAD_GRAYSCALE)
    assert made is not None
    rough = cv2.blur(np.abs(cv2.Laplacian(made.astype(np.float32), cv2.CV_32F)), (15, 15))
    return float((rough < 30).mean())


def test_a_crowd_is_looked_at_in_quarters_and_hidden_whole_where_that_does_not_do(
    tmp_path: Path,
) -> None:
    def crowd(frame: Frame) -> list[Detection]:
        return people(MAX_BOXES)

    def many(frame: Frame) -> list[Detection]:
        return people(MAX_BOXES if frame.width == WIDTH else 5)

    few = FakeDetector(lambda _: people(5))
    one_corner = hidden_share(tmp_path, few)
    assert 0.05 < one_corner < 0.15
    assert few.frames_inferred == 1
    parts = FakeDetector(many)
    assert one_corner * 1.5 < hidden_share(tmp_path, parts) < 0.5
    assert parts.frames_inferred == 5
    assert hidden_share(tmp_path, FakeDetector(crowd)) > 0.9


def test_what_was_not_looked_at_is_left_out_of_a_film(tmp_path: Path) -> None:
    there, late, copy = (tmp_path / name for name in ("a.mp4", "b.mp4", "copy.mp4"))
    write_film(there, pictures=10)

    def told(share: float) -> None:
        if share >= 0.5 and not late.exists():
            write_film(late, pictures=10)

    parts = [
        RecordingPart(path=path, begins_s=2.0 * number, filmed_at=None)
        for number, path in enumerate((there, late))
    ]
    mark = CopyMark(across="an", foot="x")
    made = Copier(FakeDetector(lambda _: people(1)), PrivacyMask(()), mark)
    assert made.film(parts, copy, "", told) == 1
    assert late.exists()
    with av.open(str(copy)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 10
