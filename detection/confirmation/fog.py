"""Whether a whole picture lies in fog, where haze is everywhere and smoke cannot be told by it.

Then smoke needs more looks to be believed; flame never does. The numbers lie beyond all 73 recorded
clips; fog itself was tried on made pictures only, because no recording of it was at hand. Rain is
not recognised: what it does to a picture, a fire close by does too. Pure: luma in, an answer out.
"""

import cv2
import numpy as np

from detection.detectors.letterbox import Picture

_SIZE = (160, 90)
FLAT = 70.0  # of luma between the darkest and the lightest twentieth; the flattest clear day has 69
GREY = 60.0  # the darkest twentieth of a picture that is grey all over; at night it is below 40
EDGELESS = 4.0  # mean second difference; the calmest clear scene of grey has 5


def is_foggy(luma: Picture) -> bool:
    """Whether a (small) luma picture is grey all over and without edges."""
    picture = cv2.resize(luma, _SIZE, interpolation=cv2.INTER_AREA)
    darkest, lightest = np.percentile(picture, (5, 95))
    if lightest - darkest >= FLAT or darkest <= GREY:
        return False
    return bool(np.abs(cv2.Laplacian(picture, cv2.CV_32F)).mean() < EDGELESS)


def edges_of(luma: Picture) -> float:
    """Mean second difference of a (small) luma picture: skies have 1 to 6, streets 10 and more."""
    picture = cv2.resize(luma, _SIZE, interpolation=cv2.INTER_AREA)
    return float(np.abs(cv2.Laplacian(picture, cv2.CV_32F)).mean())
