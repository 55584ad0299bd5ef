"""Child process that makes the copies of one export; JSON on stdin."""

import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from thapcanh.app.exports.copying import Copier, CopyFailed, RecordingPart
from thapcanh.app.exports.marking import CopyMark
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.redaction import can_be_hidden
from thapcanh.ingest.privacy_mask import PrivacyMask

NICE = 19
IMAGE_SIZE_PX = 832
"""Twice what live detection looks with: whom it misses is small in a copy of at most 1080p."""
_REPORT_EVERY_S = 0.5


class CopyPart(TypedDict):
    """A file of what is copied; see `RecordingPart`."""

    path: str
    begins_s: float
    filmed_at: float | None


class CopyItem(TypedDict):
    """A video of one or more files, or a picture."""

    is_film: bool
    parts: list[CopyPart]
    target: str
    foot: str
    comment: str


class CopyJob(TypedDict):
    """Job of the child. Without `detector`, nobody is hidden."""

    detector: dict[str, object] | None
    model_cache: str
    masks: list[list[tuple[float, float]]]
    across: str
    items: list[CopyItem]


def main() -> None:
    """Do the job of stdin; its lines go to stdout."""
    job: CopyJob = json.load(sys.stdin)
    give_way()
    detector = None
    if job["detector"] is not None:
        detector = hiding_detector(job["detector"], Path(job["model_cache"]))
        if detector is None:
            _write_line({"phase": "no_model"})
            return
    masks = PrivacyMask(job["masks"])
    for number, item in enumerate(job["items"]):
        copier = Copier(detector, masks, CopyMark(across=job["across"], foot=item["foot"]))
        _write_line(
            {"phase": "copied", "number": number, **_copied(copier, item, number, job["items"])}
        )
    _write_line({"phase": "done"})


def give_way() -> None:
    """Make the kernel kill this process first when memory runs out."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def hiding_detector(settings: dict[str, object], cache: Path) -> Detector | None:
    """Return the site's model on the CPU, or None if it is unusable or lacks labels."""
    found = DetectorConfig.model_validate_json(json.dumps(settings), strict=True)
    size_px = max(found.image_size_px, IMAGE_SIZE_PX)
    changes = {"device": "cpu", "threads": 1, "image_size_px": size_px}
    try:
        detector = load_detector(found.model_copy(update=changes), cache)
    except (DetectorError, OSError, ImportError) as error:
        sys.stderr.write(f"export: {error}\n")
        return None
    return detector if can_be_hidden(detector.labels) else None


def _copied(
    copier: Copier, item: CopyItem, number: int, items: Sequence[CopyItem]
) -> dict[str, object]:
    """Make a copy; return the result and how many parts were unreadable."""
    reported_at = [float("-inf")]

    def report_progress(share: float) -> None:
        if time.monotonic() - reported_at[0] >= _REPORT_EVERY_S:
            reported_at[0] = time.monotonic()
            _write_line({"phase": "made", "share": (number + share) / len(items)})

    target, parts = Path(item["target"]), [_part(entry) for entry in item["parts"]]
    report_progress(0.0)
    try:
        if item["is_film"]:
            return {
                "ok": True,
                "unreadable": copier.film(parts, target, item["comment"], report_progress),
            }
        copier.picture(parts[0].path, target)
    except (CopyFailed, DetectorError) as error:
        target.unlink(missing_ok=True)
        sys.stderr.write(f"export: {parts[0].path.name}: {error}\n")
        return {"ok": False, "unreadable": len(parts)}
    return {"ok": True, "unreadable": 0}


def _part(source: CopyPart) -> RecordingPart:
    return RecordingPart(
        path=Path(source["path"]), begins_s=source["begins_s"], filmed_at=source["filmed_at"]
    )


def _write_line(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
