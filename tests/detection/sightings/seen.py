"""What the tests of sightings share: looks that are drawn, and records that are made."""

from collections.abc import Sequence

import numpy as np

from thapcanh.detection.detections import Detection, Detections, detections_of
from thapcanh.detection.region import Region
from thapcanh.detection.sightings.cells import cells_of
from thapcanh.detection.sightings.sighting import LinePassage, SightingRecord, VehicleColour
from thapcanh.ingest.frame import Frame, frame_of

BEGAN_S = 1_795_568_400.0
ROAD = np.full((180, 320, 3), (96, 112, 92), np.uint8)
RED = (30, 30, 200)


def picture(at_s: float, *boxes: Region, colour: tuple[int, int, int] = RED) -> Frame:
    """A road with painted things on it, as camera cam-1 shows it."""
    pixels = ROAD.copy()
    for x1, y1, x2, y2 in boxes:
        pixels[int(y1 * 180) : int(y2 * 180), int(x1 * 320) : int(x2 * 320)] = colour
    frame = frame_of(pixels)
    return Frame(
        camera_id="cam-1",
        picture=frame.picture,
        width=frame.width,
        height=frame.height,
        at_s=at_s,
        captured_at=BEGAN_S + at_s,
        decoded_at=BEGAN_S + at_s,
    )


def look(at_s: float, *rows: tuple[str, Region, float]) -> tuple[Frame, Detections]:
    frame = picture(at_s, *(box for _, box, _ in rows))
    return frame, detections_of(
        frame, [Detection(label=label, box=box, confidence=sure) for label, box, sure in rows]
    )


def record(
    from_s: float,
    *,
    camera: str = "cam-1",
    label: str = "car",
    lasted_s: float = 4.0,
    box: Region = (0.4, 0.4, 0.6, 0.6),
    colour: VehicleColour | None = None,
    passages: Sequence[LinePassage] = (),
) -> SightingRecord:
    """A sighting that began so many seconds after `BEGAN_S`."""
    begin_s = BEGAN_S + from_s
    return SightingRecord(
        camera_id=camera,
        label=label,
        from_s=begin_s,
        to_s=begin_s + lasted_s,
        best_s=begin_s + lasted_s / 2,
        confidence=0.8,
        first=box,
        middle=box,
        last=box,
        best=box,
        cells=cells_of(box),
        colour=colour,
        passages=tuple(passages),
    )
