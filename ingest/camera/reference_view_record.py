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

from thapcanh.ingest.camera.tamper_detector import ReferenceView
from thapcanh.ingest.camera.view_signature import EDGES_SHAPE, THUMB_SHAPE, ViewSignature

MOST_BYTES = 256 << 10  # of a file; ten times what four views need
_VERSION = 1
_MOST_VIEWS = 16
_EDGES = math.prod(EDGES_SHAPE)
_CELLS = _EDGES + math.prod(THUMB_SHAPE)


class ViewsUnreadable(ValueError):
    """Error for text that is no known views of a supported version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredViews:
    """Stored views of one camera."""

    source: str
    written_at: float
    views: tuple[ReferenceView, ...]


def to_text(retained: StoredViews) -> str:
    return json.dumps(
        {
            "version": _VERSION,
            "source": retained.source,
            "written_at": retained.written_at,
            "views": [_reported(one) for one in retained.views],
        },
        separators=(",", ":"),
    )


def from_text(text: bytes) -> StoredViews:
    """Read them; raises `ViewsUnreadable` with what is wrong."""
    try:
        stated = json.loads(text)
        version = stated["version"]
        if version == _VERSION:
            return StoredViews(
                source=str(stated["source"]),
                written_at=_figure(stated, "written_at"),
                views=tuple(_view(one) for one in stated["views"][:_MOST_VIEWS]),
            )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, zlib.error) as error:
        raise ViewsUnreadable(f"not known views: {type(error).__name__}: {error}") from error
    raise ViewsUnreadable(f"known views of version {version!r}, expected {_VERSION}")


def _reported(existing: ReferenceView) -> dict[str, Any]:
    mean = existing.mean
    cells = np.concatenate([mean.edges.ravel(), mean.thumb.ravel()]).astype("<f2")
    return {
        "learned_s": round(existing.learned_s, 3),
        "views": existing.views,
        "found": round(existing.found, 4),
        "light": round(mean.light, 4),
        "spread": round(mean.spread, 4),
        "detail": round(mean.detail, 4),
        "contrast": round(mean.contrast, 4),
        "cells": base64.b64encode(zlib.compress(cells.tobytes(), level=6)).decode(),
    }


def _view(stated: dict[str, Any]) -> ReferenceView:
    packed = base64.b64decode(stated["cells"], validate=True)
    cells = np.frombuffer(zlib.decompressobj().decompress(packed, 2 * _CELLS + 2), "<f2")
    if cells.size != _CELLS or not np.isfinite(cells).all():
        raise ValueError("the cells are not those of a view")
    cells = cells.astype(np.float32)
    return ReferenceView(
        mean=ViewSignature(
            light=_figure(stated, "light"),
            spread=_figure(stated, "spread"),
            detail=_figure(stated, "detail"),
            contrast=_figure(stated, "contrast"),
            edges=cells[:_EDGES].reshape(EDGES_SHAPE),
            thumb=cells[_EDGES:].reshape(THUMB_SHAPE),
        ),
        learned_s=_figure(stated, "learned_s"),
        views=max(1, int(stated["views"])),
        found=_figure(stated, "found"),
    )


def _figure(stated: dict[str, Any], name: str) -> float:
    number = float(stated[name])
    if not 0.0 <= number < math.inf:
        raise ValueError(f"{name} is {number}")
    return number
