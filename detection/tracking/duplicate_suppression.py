"""One person or vehicle that the detector boxed twice: detections in, the same without the doubles.

Suppression by overlap keeps two boxes of one thing when one is much narrower, or names it a car and
a truck. They are told from two people by their feet: a box inside a surer one, of nearly its height
and standing at the same place, is the same thing; who stands behind another has higher feet. Pure.
"""

from dataclasses import replace

import numpy as np

from detection.detections import Boxes, Detections

INSIDE = 0.85  # of the smaller box's area that lies in the other
SAME_FEET = 0.08  # of the taller one's height, between the two lower edges
AS_TALL = 0.7  # a child in front of an adult is less
_GROUPS = {"person": "person", "car": "vehicle", "bus": "vehicle", "truck": "vehicle"}


def without_duplicates(detections: Detections) -> Detections:
    """The same rows less those that a surer row already stands for; rows come by confidence."""
    groups = [_GROUPS.get(label) for label in detections.label]
    kept: list[int] = []
    for index, group in enumerate(groups):
        box = detections.xyxy[index]
        surer = (detections.xyxy[other] for other in kept if groups[other] == group)
        if group is None or not any(_is_double(box, other) for other in surer):
            kept.append(index)
    if len(kept) == len(groups):
        return detections
    return replace(
        detections,
        xyxy=detections.xyxy[kept],
        confidence=detections.confidence[kept],
        label=tuple(detections.label[index] for index in kept),
    )


def _is_double(box: Boxes, surer: Boxes) -> bool:
    heights = sorted((float(box[3] - box[1]), float(surer[3] - surer[1])))
    if abs(box[3] - surer[3]) > SAME_FEET * heights[1] or heights[0] < AS_TALL * heights[1]:
        return False
    sides = np.minimum(box[2:], surer[2:]) - np.maximum(box[:2], surer[:2])
    smaller = min(float(np.prod(one[2:] - one[:2])) for one in (box, surer))
    return bool((sides > 0).all() and np.prod(sides) >= INSIDE * smaller)
