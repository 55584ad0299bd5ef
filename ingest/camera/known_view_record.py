"""Known views of one camera as JSON, stored beyond its worker's life.

Version 1: the source without login, the time of writing (UTC unix seconds) and the views, the
latest first, with edges and thumbnail as deflated float16 in base64; some 20 kB for four views.
"""

import base64
import json
import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from thapcanh.ingest.camera.tamper_detector import KnownView
from thapcanh.ingest.camera.view_signature import EDGES_SHAPE, THUMB_SHAPE, ViewSignature

MOST_BYTES = 256 << 10  # of a file; ten times what four views need
_VERSION = 1
_MOST_VIEWS = 16
_EDGES = math.prod(EDGES_SHAPE)
_CELLS = _EDGES + math.prod(THUMB_SHAPE)


class ViewsUnreadable(ValueError):
    """Error for text that is no known views of a supported version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptViews:
    """Stored views of one camera."""

    source: str
    written_at: float
    views: tuple[KnownView, ...]


def to_text(kept: KeptViews) -> str:
    return json.dumps(
        {
            "version": _VERSION,
            "source": kept.source,
            "written_at": kept.written_at,
            "views": [_told(one) for one in kept.views],
        },
        separators=(",", ":"),
    )


def from_text(text: bytes) -> KeptViews:
    """Read them; raises `ViewsUnreadable` with what is wrong."""
    try:
        said = json.loads(text)
        version = said["version"]
        if version == _VERSION:
            return KeptViews(
                source=str(said["source"]),
                written_at=_figure(said, "written_at"),
                views=tuple(_view(one) for one in said["views"][:_MOST_VIEWS]),
            )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, zlib.error) as error:
        raise ViewsUnreadable(f"not known views: {type(error).__name__}: {error}") from error
    raise ViewsUnreadable(f"known views of version {version!r}, expected {_VERSION}")


def _told(known: KnownView) -> dict[str, Any]:
    mean = known.mean
    cells = np.concatenate([mean.edges.ravel(), mean.thumb.ravel()]).astype("<f2")
    return {
        "learned_s": round(known.learned_s, 3),
        "views": known.views,
        "found": round(known.found, 4),
        "light": round(mean.light, 4),
        "spread": round(mean.spread, 4),
        "detail": round(mean.detail, 4),
        "contrast": round(mean.contrast, 4),
        "cells": base64.b64encode(zlib.compress(cells.tobytes(), level=6)).decode(),
    }


def _view(said: dict[str, Any]) -> KnownView:
    packed = base64.b64decode(said["cells"], validate=True)
    cells = np.frombuffer(zlib.decompressobj().decompress(packed, 2 * _CELLS + 2), "<f2")
    if cells.size != _CELLS or not np.isfinite(cells).all():
        raise ValueError("the cells are not those of a view")
    cells = cells.astype(np.float32)
    return KnownView(
        mean=ViewSignature(
            light=_figure(said, "light"),
            spread=_figure(said, "spread"),
            detail=_figure(said, "detail"),
            contrast=_figure(said, "contrast"),
            edges=cells[:_EDGES].reshape(EDGES_SHAPE),
            thumb=cells[_EDGES:].reshape(THUMB_SHAPE),
        ),
        learned_s=_figure(said, "learned_s"),
        views=max(1, int(said["views"])),
        found=_figure(said, "found"),
    )


def _figure(said: dict[str, Any], name: str) -> float:
    number = float(said[name])
    if not 0.0 <= number < math.inf:
        raise ValueError(f"{name} is {number}")
    return number
