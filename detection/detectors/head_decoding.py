"""Decoding of a YOLO head: best class per anchor, minimum confidence, non-maximum suppression."""

import time
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.detections import Boxes, Confidences, Detections
from thapcanh.detection.detectors.letterbox import Letterbox
from thapcanh.ingest.frame import Frame

MIN_CONFIDENCE = 0.1  # below every rule's own floor, so that rules can hold on with hysteresis
MAX_OVERLAP = 0.6
MAX_CANDIDATES = 1000
MAX_BOXES = 100
Floats = npt.NDArray[np.float32]
ClassIds = npt.NDArray[np.int64]


def decode(
    head: Floats, min_confidence: float = MIN_CONFIDENCE, max_overlap: float = MAX_OVERLAP
) -> tuple[Boxes, Confidences, ClassIds]:
    """Return boxes (xyxy, input pixels), confidences and class ids, by falling confidence."""
    scores = head[4:]
    confidence = scores.max(axis=0)
    retained = np.flatnonzero(confidence > min_confidence)
    order = retained[np.argsort(-confidence[retained], kind="stable")][:MAX_CANDIDATES]
    boxes, confidence = _xyxy(head[:4, order].T), confidence[order]
    class_id = scores[:, order].argmax(axis=0)
    chosen = _suppress(boxes, confidence, class_id, max_overlap)[:MAX_BOXES]
    return boxes[chosen], confidence[chosen].astype(np.float32), class_id[chosen].astype(np.int64)


def detections_of_head(
    frame: Frame, fit: Letterbox, head: Floats, labels: Sequence[str]
) -> Detections:
    """Return the detections in the picture's own pixels, by falling confidence."""
    boxes, confidence, class_id = decode(head)
    return Detections(
        camera_id=frame.camera_id,
        at_s=frame.at_s,
        captured_at=frame.captured_at,
        inferred_at=time.time(),
        width=frame.width,
        height=frame.height,
        xyxy=fit.boxes_back(boxes),
        confidence=confidence,
        label=tuple(labels[index] for index in class_id),
    )


def _xyxy(centred: Floats) -> Boxes:
    half = centred[:, 2:] / 2
    corners: Boxes = np.concatenate(
        [centred[:, :2] - half, centred[:, :2] + half], axis=1, dtype=np.float32
    )
    return corners


def _suppress(
    boxes: Boxes, confidence: Confidences, class_id: ClassIds, max_overlap: float
) -> ClassIds:
    """Return the indices of boxes without a surer overlapping one of their class, surest first."""
    corner_and_size = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    chosen = cv2.dnn.NMSBoxesBatched(
        corner_and_size.tolist(), confidence.tolist(), class_id.tolist(), 0.0, max_overlap
    )
    return np.asarray(chosen, dtype=np.int64).reshape(-1)
