"""Which boxes are the same thing over time: one ByteTrack per camera, never shared.

Roboflow's `trackers` does the work; it is imported when the first camera needs tracks, because it
costs 70 MB and a second and most cameras watch for fire only. Looks come twice a second and less,
in which a walker leaves his own box, so boxes are matched with a margin (buffered IoU). Time is
camera time in seconds; a clock that goes back starts the tracks again.
"""

from typing import Any

import numpy as np

from detection.detections import Detections, TrackIds

LOST_AFTER_S = 6.0  # one look at the slowest pace, and a bit
CONFIDENT = 0.35
MARGIN = 0.6  # of the box's size on every side
MIN_OVERLAP = 0.1
REFERENCE_RATE = 4.0  # looks per second that the motion model's noise is meant for
_BUFFER_RATE = 30.0  # the library counts its lost buffer in frames at this rate


class Tracker:
    """The tracks of one camera. `labels` are those that are worth following."""

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
        """The same detections with `track_id`; -1 for what is no track (yet)."""
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
