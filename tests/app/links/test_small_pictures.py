"""Small pictures of a lower site, made by the real child process."""

import cv2
import numpy as np

from thapcanh.app.links.small_pictures import MOST_BYTES, _in_child

_LEFT = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]


def _picture(width: int, height: int) -> bytes:
    """A JPEG of bright noise, which no encoder makes small."""
    pixels = np.random.default_rng(7).integers(120, 255, (height, width, 3), dtype=np.uint8)
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert done
    return encoded.tobytes()


def test_what_goes_to_another_site_is_masked_and_small() -> None:
    made = _in_child(_picture(1920, 1080), {"masks": [_LEFT], "most_bytes": MOST_BYTES})
    assert 0 < len(made) <= MOST_BYTES
    pixels = cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    middle = pixels.shape[1] // 2
    assert int(pixels[:, : middle - 16].max()) <= 24
    assert float(pixels[:, middle + 16 :].mean()) > 100


def test_what_is_no_picture_is_nothing() -> None:
    assert _in_child(b"GIF89a", {"masks": [], "most_bytes": MOST_BYTES}) == b""
