"""Child process that makes a small picture: masks painted, at most so many bytes.

Input: a line of JSON (`masks`, `most_bytes`), then the picture. Output: a JPEG, or nothing.
"""

import json
import sys
from typing import IO

import cv2
import numpy as np

from thapcanh.ingest.frame import frame_of
from thapcanh.ingest.privacy_mask import PrivacyMask

_WIDTHS = (640, 480, 320)
_QUALITIES = (70, 55, 40)


def main(input_: IO[bytes], output: IO[bytes]) -> None:
    """Make one picture."""
    request = json.loads(input_.readline())
    masks = PrivacyMask([[tuple(point) for point in one] for one in request["masks"]])
    output.write(small_picture(input_.read(), masks, int(request["most_bytes"])))
    output.flush()


def small_picture(content: bytes, masks: PrivacyMask, most_bytes: int) -> bytes:
    """Return a JPEG of at most `most_bytes`; empty if there is none."""
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if pixels is None or min(pixels.shape[:2]) < 2:
        return b""
    frame = frame_of(np.asarray(pixels, np.uint8)).fitted(1280, 1280)
    picture = masks.on_picture(frame.picture) if masks else frame.picture
    painted = picture.to_ndarray(format="bgr24")
    for width in _WIDTHS:
        scale = min(1.0, width / painted.shape[1])
        small = cv2.resize(painted, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        for quality in _QUALITIES:
            done, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if done and encoded.size <= most_bytes:
                return encoded.tobytes()
    return b""


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
