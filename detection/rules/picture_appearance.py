"""How the parts of one picture look: what rules ask of a place.

Owned by the thread that looks; nothing is measured before a rule asks for it.
"""

import cv2

from detection.confirmation.local_change import FramePair
from detection.region import Region
from detection.rules.evaluator import RegionAppearance


def appearance_in(changes: FramePair | None, region: Region) -> RegionAppearance:
    """How a region of a picture looks, or why that cannot be told.

    `changes`: the picture beside the one before it; None where there is no comparable one.
    """
    try:
        return RegionAppearance(change=None if changes is None else changes.inside(region))
    except (cv2.error, ValueError, IndexError) as error:
        return RegionAppearance(unmeasured=str(error).strip().partition("\n")[0])
