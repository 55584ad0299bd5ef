"""Reader of a map layer's GeoJSON file."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thapcanh.config.map import LayerKind, MapLayer

_LARGEST_BYTES = 64_000_000
_LONGEST = 300
_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{1,24}")
_NAMES = ("name:vi", "name", "ten", "ref")
_PHONES = ("phone", "contact:phone", "dien_thoai", "sdt")
_NOTES = ("note", "ghi_chu", "description", "mo_ta")
_NAMED_KINDS = {LayerKind.STATION, LayerKind.PHONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFeature:
    """One feature of a layer; its name is optional."""

    name: str | None
    phone: str | None
    note: str | None
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerReading:
    """Features of a file; `faults` names every feature left out, and why.

    `places` has latitude and longitude of each feature, shape (n, 2), degrees.
    """

    features: tuple[LayerFeature, ...] = ()
    places: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    faults: tuple[str, ...] = ()
    is_readable: bool = True


def read_layer(layer: MapLayer) -> LayerReading:
    """Return the layer's features; the file is read again only after a change."""
    try:
        stat = layer.file.stat()
    except OSError as error:
        return _unreadable(f"cannot be read: {error.strerror}")
    return _reading(layer.file, layer.kind, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _reading(path: Path, kind: LayerKind, changed_ns: int, size_bytes: int) -> LayerReading:
    del changed_ns
    if size_bytes > _LARGEST_BYTES:
        return _unreadable(f"has {size_bytes} bytes, at most {_LARGEST_BYTES} are read")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        return _unreadable(f"cannot be read: {error.strerror}")
    except (ValueError, RecursionError) as error:
        return _unreadable(f"is no JSON: {error}")
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        return _unreadable("is no GeoJSON FeatureCollection: it has no list of features")
    found, faults = [], []
    for number, feature in enumerate(features, start=1):
        try:
            found.append(_feature(feature, kind))
        except _Unusable as fault:
            faults.append(f"feature {number}: {fault}")
        except (OverflowError, RecursionError):
            faults.append(f"feature {number}: its coordinates are no numbers")
    if not features:
        faults.append("has no features")
    places = np.array([(item.lat, item.lon) for item in found], dtype=np.float64).reshape(-1, 2)
    return LayerReading(features=tuple(found), places=places, faults=tuple(faults))


class _Unusable(ValueError):
    """Why a feature is left out."""


def _unreadable(why: str) -> LayerReading:
    return LayerReading(faults=(why,), is_readable=False)


def _feature(feature: object, kind: LayerKind) -> LayerFeature:
    if not isinstance(feature, dict):
        raise _Unusable("is no object")
    properties = feature.get("properties")
    facts = properties if isinstance(properties, dict) else {}
    lat, lon = _middle(feature.get("geometry"))
    name, phone, note = (_first(facts, keys) for keys in (_NAMES, _PHONES, _NOTES))
    if name is None and kind in _NAMED_KINDS:
        raise _Unusable(f"has no name: one of {', '.join(_NAMES)} is expected")
    if note is None and kind is LayerKind.ACCESS:
        raise _Unusable(f"has no note: one of {', '.join(_NOTES)} is expected")
    if phone is None and kind is LayerKind.PHONE:
        raise _Unusable(f"has no phone number: one of {', '.join(_PHONES)} is expected")
    if phone is not None and not _PHONE.fullmatch(phone):
        raise _Unusable(f"{phone[:30]!r} is no phone number")
    return LayerFeature(name=name, phone=phone, note=note, lat=lat, lon=lon)


def _first(facts: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = facts.get(key)
        text = " ".join(str(value).split()) if isinstance(value, str | int) else ""
        if text:
            return text[:_LONGEST]
    return None


def _middle(geometry: object) -> tuple[float, float]:
    """Latitude and longitude of the middle of all corners."""
    if not isinstance(geometry, dict):
        raise _Unusable("has no geometry")
    corners = list(_corners(geometry.get("coordinates")))
    if not corners:
        raise _Unusable(f"its geometry ({geometry.get('type')}) has no coordinates")
    lon = sum(corner[0] for corner in corners) / len(corners)
    lat = sum(corner[1] for corner in corners) / len(corners)
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise _Unusable("its coordinates are no numbers")
    if abs(lat) > 90 and abs(lon) <= 90:
        raise _Unusable(f"latitude {lat:g}: longitude and latitude are exchanged")
    if abs(lat) > 90 or abs(lon) > 180:
        raise _Unusable(f"({lon:g}, {lat:g}) is no longitude and latitude in degrees (WGS 84)")
    return lat, lon


def _corners(value: object) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list):
        return
    if len(value) >= 2 and all(_is_number(item) for item in value[:2]):
        yield float(value[0]), float(value[1])
        return
    for item in value:
        yield from _corners(item)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
