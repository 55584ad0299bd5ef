"""Tracker: one ByteTrack per camera, and removal of duplicate boxes."""

from dataclasses import replace
from typing import Any

import numpy as np

from thapcanh.detection.detections import Boxes, Detections, TrackIds

LOST_AFTER_S = 6.0  # one look at the slowest pace, and a bit
CONFIDENT = 0.35
MARGIN = 0.6  # of the box's size on every side
MIN_OVERLAP = 0.1
REFERENCE_RATE = 4.0  # looks per second that the motion model's noise is meant for
_BUFFER_RATE = 30.0  # the library counts its lost buffer in frames at this rate
INSIDE = 0.85  # of the smaller box's area that lies in the other
SAME_FEET = 0.08  # of the taller one's height, between the two lower edges
AS_TALL = 0.7  # a child in front of an adult is less
_GROUPS = {"person": "person", "car": "vehicle", "bus": "vehicle", "truck": "vehicle"}


class Tracker:
    """Tracks of one camera; `labels` are the tracked ones."""

    def __init__(self, labels: frozenset[str]) -> None:
        from trackers import ByteTrackTracker
        from trackers.utils.iou import BIoU

        self._labels = labels
        self._last_at_s = float("-inf")
        self._tracks: Any = ByteTrackTracker(
            lost_track_buffer=round(LOST_AFTER_S * _BUFFER_RATE),
            frame_rate=REFERENCE_RATE,
            track_activation_threshold=CONFIDENT,
            high_conf_det_threshold=CONFIDENT,
            minimum_consecutive_frames=1,
            minimum_iou_threshold=MIN_OVERLAP,
            iou=BIoU(buffer_ratio=MARGIN),
        )

    def follow(self, detections: Detections) -> Detections:
        """Return the detections with `track_id`; -1 for no track (yet)."""
        if detections.at_s <= self._last_at_s:
            self._tracks.reset()
        self._last_at_s = detections.at_s
        return detections.tracked(self._ids(detections))

    def _ids(self, detections: Detections) -> TrackIds:
        import supervision

        ids = np.full(len(detections), -1, dtype=np.int64)
        rows = np.flatnonzero([label in self._labels for label in detections.label])
        found = self._tracks.update(
            supervision.Detections(
                xyxy=detections.xyxy[rows],
                confidence=detections.confidence[rows],
                data={"row": rows},
            ),
            timestamp=detections.at_s,
        )
        if len(found):
            ids[found.data["row"]] = found.tracker_id
        return ids


def without_duplicates(detections: Detections) -> Detections:
    """Return the rows without duplicates of surer rows; rows come by confidence."""
    groups = [_GROUPS.get(label) for label in detections.label]
    retained: list[int] = []
    for index, group in enumerate(groups):
        box = detections.xyxy[index]
        surer = (detections.xyxy[other] for other in retained if groups[other] == group)
        if group is None or not any(_is_double(box, other) for other in surer):
            retained.append(index)
    if len(retained) == len(groups):
        return detections
    return replace(
        detections,
        xyxy=detections.xyxy[retained],
        confidence=detections.confidence[retained],
        label=tuple(detections.label[index] for index in retained),
    )


def _is_double(box: Boxes, surer: Boxes) -> bool:
    heights = sorted((float(box[3] - box[1]), float(surer[3] - surer[1])))
    if abs(box[3] - surer[3]) > SAME_FEET * heights[1] or heights[0] < AS_TALL * heights[1]:
        return False
    sides = np.minimum(box[2:], surer[2:]) - np.maximum(box[:2], surer[:2])
    smaller = min(float(np.prod(one[2:] - one[:2])) for one in (box, surer))
    return bool((sides > 0).all() and np.prod(sides) >= INSIDE * smaller)
