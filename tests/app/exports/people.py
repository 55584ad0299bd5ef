"""A street with people in it: the picture that the detector's library brings, and a film of it."""

from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

_LIBRARY = find_spec("ultralytics")  # asked where it lies: its import would load PyTorch
PICTURE = Path(str(_LIBRARY and _LIBRARY.origin)).parent / "assets" / "bus.jpg"
PEOPLE = ((50, 400, 245, 900), (223, 405, 345, 860), (669, 392, 809, 877))
"""Three of its people: x1, y1, x2, y2 in its pixels."""
WIDTH, HEIGHT, ACROSS = 1280, 720, 480
SCALE = ACROSS / 810


def street() -> NDArray[np.uint8]:
    """The picture at the height of the film."""
    picture = cv2.imread(str(PICTURE))
    assert picture is not None
    return np.asarray(cv2.resize(picture, (ACROSS, 640)), np.uint8)


def write_film(path: Path, pictures: int = 50, begins_px: int = 40) -> None:
    """The street, moving to the right by 4 pixels a picture, on grey ground."""
    seen = street()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(pictures):
            canvas = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
            left = begins_px + 4 * number
            canvas[40:680, left : left + ACROSS] = seen
            container.mux(stream.encode(av.VideoFrame.from_ndarray(canvas, format="bgr24")))
        container.mux(stream.encode(None))


def luma(picture: av.VideoFrame) -> NDArray[np.uint8]:
    """Its brightness, height by width."""
    return np.asarray(picture.to_ndarray(format="gray"), np.uint8)


def detail(picture: NDArray[np.uint8], left_px: int) -> list[float]:
    """How sharp each person is whose street begins at `left_px`, without the mark's light lines."""
    found = []
    for x1, y1, x2, y2 in PEOPLE:
        part = picture[
            40 + round(y1 * SCALE) : 40 + round(y2 * SCALE),
            left_px + round(x1 * SCALE) : left_px + round(x2 * SCALE),
        ]
        found.append(float(np.median(np.abs(cv2.Laplacian(part.astype(np.float32), cv2.CV_32F)))))
    return found
