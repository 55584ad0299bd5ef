"""Object boxes of a camera's own analytics (ONVIF Profile M)."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from thapcanh.ingest.sources.rtp_documents import MOST_BYTES

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_OBJECTS = 200
"""Of one document; the others are left out."""
ASSERTED = 0.5
"""The confidence of an object whose camera gives no likelihood."""
_MOST_FRAMES = 50
_LEAST_SIDE = 0.001  # of the picture
_LONGEST_ID = 64
_LABELS: Mapping[str, str] = {
    "human": "person", "person": "person", "humanbody": "person", "people": "person",
    "pedestrian": "person", "vehicle": "car", "car": "car", "van": "car", "bus": "bus",
    "truck": "truck", "motorcycle": "motorcycle", "motorbike": "motorcycle", "bike": "bicycle",
    "bicycle": "bicycle", "fire": "fire", "flame": "fire", "smoke": "smoke",
}  # fmt: skip
_SPACES = re.compile(r"[\s_-]+")
Box = tuple[float, float, float, float]
_Affine = tuple[float, float, float, float]
"""Scale x, scale y, translate x, translate y."""
_IDENTITY: _Affine = (1.0, 1.0, 0.0, 0.0)


class MetadataRefused(Exception):
    """Error for a refused document; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraObject:
    """Object of a camera's own analytics; `box` is x1, y1, x2, y2 in shares of the picture."""

    id: str
    label: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraObjectList:
    """Objects of one document; `told_at` is unix seconds by the camera's clock."""

    objects: tuple[CameraObject, ...]
    told_at: float | None


def read_metadata(document: bytes) -> CameraObjectList | None:
    """Return the objects of a document, or None if it has other content (events, PTZ).

    Raise `MetadataRefused`.
    """
    frames = [one for one in _root(document).iter() if _name(one) == "Frame"][:_MOST_FRAMES]
    if not frames:
        return None
    newest: dict[str, CameraObject] = {}
    for frame in frames:
        for observed in _objects(frame):
            if len(newest) < MOST_OBJECTS or observed.id in newest:
                newest[observed.id] = observed
    reported = [at for at in map(_timestamp, frames) if at is not None]
    return CameraObjectList(objects=tuple(newest.values()), told_at=max(reported, default=None))


def _root(document: bytes) -> "Element":
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    if len(document) > MOST_BYTES:
        raise MetadataRefused(f"a document is larger than {MOST_BYTES >> 10} KiB")
    if document[:2] == b"\x1f\x8b" or not document.lstrip(b"\xef\xbb\xbf \t\r\n\0")[:1] == b"<":
        raise MetadataRefused("its metadata is compressed, or no XML")
    try:
        root: Element = ElementTree.fromstring(document.strip(b"\0 \t\r\n"), forbid_dtd=True)
    except DefusedXmlException:
        raise MetadataRefused("a document defines a document type or entities") from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise MetadataRefused("a document is not XML") from None
    return root


def _objects(frame: "Element") -> Iterator[CameraObject]:
    outer = _transformation(frame, _IDENTITY)
    for number, one in enumerate(_children(frame, "Object")):
        appearance = next(_children(one, "Appearance"), None)
        if appearance is None:
            continue
        found = _class(appearance)
        box = _box(appearance, _transformation(appearance, outer))
        if found is not None and box is not None:
            label, confidence = found
            provided = one.get("ObjectId", "")[:_LONGEST_ID]
            yield CameraObject(
                id=provided or f"#{number}", label=label, confidence=confidence, box=box
            )


def _transformation(of: "Element", outer: _Affine) -> _Affine:
    """Return the mapping of this element's points to -1..1: its own, then the outer one."""
    own = next(_children(of, "Transformation"), None)
    if own is None:
        return outer
    sx, sy = _pair(next(_children(own, "Scale"), None), 1.0)
    tx, ty = _pair(next(_children(own, "Translate"), None), 0.0)
    osx, osy, otx, oty = outer
    return sx * osx, sy * osy, tx * osx + otx, ty * osy + oty


def _pair(of: "Element | None", usual: float) -> tuple[float, float]:
    x = _number(None if of is None else of.get("x"))
    y = _number(None if of is None else of.get("y"))
    return (usual if x is None else x), (usual if y is None else y)


def _box(appearance: "Element", affine: _Affine) -> Box | None:
    shape = next(_children(appearance, "Shape"), None)
    provided = None if shape is None else next(_children(shape, "BoundingBox"), None)
    if provided is None:
        return None
    left, top, right, bottom = (_number(provided.get(one)) for one in _EDGES)
    if left is None or top is None or right is None or bottom is None:
        return None
    sx, sy, tx, ty = affine
    across = sorted(_share((edge * sx + tx + 1.0) / 2.0) for edge in (left, right))
    down = sorted(_share((1.0 - (edge * sy + ty)) / 2.0) for edge in (top, bottom))
    if min(across[1] - across[0], down[1] - down[0]) < _LEAST_SIDE:
        return None
    return across[0], down[0], across[1], down[1]


_EDGES = ("left", "top", "right", "bottom")


def _class(appearance: "Element") -> tuple[str, float] | None:
    """Return the likeliest class that rules use, from both ONVIF forms, or None."""
    found: list[tuple[float, str]] = []
    kinds = (("Class", _candidates), ("VehicleInfo", _typed))
    for name, read in kinds:
        for of in _children(appearance, name):
            found += read(of)
    if not found:
        return None
    likeliest = max(likelihood for likelihood, _ in found)
    kinds_of_vehicle = [one for one in found if one[1] in ("bus", "truck", "motorcycle")]
    best = max(found)[1]
    if best == "car" and kinds_of_vehicle:
        best = max(kinds_of_vehicle)[1]
    return best, likeliest


def _candidates(of: "Element") -> list[tuple[float, str]]:
    found = _typed(of)
    for one in _children(of, "ClassCandidate"):
        response = next(_children(one, "Likelihood"), None)
        likelihood = _likelihood(None if response is None else response.text)
        for kind in _children(one, "Type"):
            found += _labelled(kind.text, likelihood)
    return found


def _typed(of: "Element") -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for one in _children(of, "Type"):
        found += _labelled(one.text, _likelihood(one.get("Likelihood")))
    return found


def _labelled(kind: str | None, likelihood: float) -> list[tuple[float, str]]:
    label = _LABELS.get(_SPACES.sub("", (kind or "")[:_LONGEST_ID]).rpartition(":")[2].lower())
    return [] if label is None else [(likelihood, label)]


def _likelihood(text: str | None) -> float:
    """Return 0..1; some cameras report per cent."""
    value = _number(text)
    if value is None or value < 0:
        return ASSERTED
    return min(1.0, value if value <= 1.0 else value / 100.0)


def _timestamp(frame: "Element") -> float | None:
    try:
        at = datetime.fromisoformat(frame.get("UtcTime", "").strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float((text or "")[:40])
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e9 else None


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _children(of: "Element", name: str) -> Iterator["Element"]:
    return (one for one in of if _name(one) == name)


def _name(of: "Element") -> str:
    return of.tag.rpartition("}")[2] if isinstance(of.tag, str) else ""
