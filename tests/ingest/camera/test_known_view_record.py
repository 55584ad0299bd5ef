"""Known views as text, and what is refused instead of being believed."""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.ingest import made_views as made
from thapcanh.ingest.camera.reference_view_record import (
    MOST_BYTES,
    StoredViews,
    ViewsUnreadable,
    from_text,
    to_text,
)
from thapcanh.ingest.camera.tamper_detector import ReferenceView, TamperSettings, Visibility, judge
from thapcanh.ingest.camera.view_signature import view_signature


def _known(seed: int = 1) -> ReferenceView:
    mean = view_signature(made.seen(made.street(seed)))
    return ReferenceView(mean=mean, learned_s=90.0, views=45, found=0.97, used_at=12.0)


KEPT = StoredViews(
    source="rtsp://<secret>@10.0.0.5/1", written_at=1_800_000_000.5, views=(_known(), _known(9))
)


def test_known_views_come_back_in_their_order_and_are_judged_by_as_before() -> None:
    text = to_text(replace(KEPT, views=tuple(_known(seed) for seed in range(4))))
    assert len(text) < 40_000
    back = from_text(to_text(KEPT).encode())
    assert (back.source, back.written_at) == (KEPT.source, KEPT.written_at)
    for before, after in zip(KEPT.views, back.views, strict=True):
        assert (after.learned_s, after.views, after.found) == (90.0, 45, 0.97)
        assert np.allclose(after.mean.edges, before.mean.edges, rtol=1e-3, atol=1e-3)
        assert np.allclose(after.mean.thumb, before.mean.thumb, rtol=1e-3, atol=1e-3)
        assert after.mean.edges.dtype == np.float32
        assert after.mean.sharpness == pytest.approx(before.mean.sharpness, rel=1e-3)
    rules, view = TamperSettings(), view_signature(made.seen(made.street()))
    assert judge(back.views[0], view, rules)[0] is Visibility.CLEAR
    assert judge(back.views[1], view, rules)[0] is Visibility.MOVED


def _with(**changed: Any) -> bytes:
    said = json.loads(to_text(KEPT))
    said["views"][0] |= changed
    return json.dumps(said).encode()


def _cells(count: int, value: float = 1.0) -> str:
    return base64.b64encode(zlib.compress(np.full(count, value, "<f2").tobytes())).decode()


CELLS = 45 * 80 + 9 * 16


@pytest.mark.parametrize(
    "text_of",
    [
        pytest.param(lambda: b"", id="empty"),
        pytest.param(lambda: to_text(KEPT).encode()[:-100], id="broken off"),
        pytest.param(lambda: b"\xff\xfe\x00", id="no text"),
        pytest.param(lambda: b"[" * 100_000, id="nested too deep"),
        pytest.param(lambda: b"[]", id="a list"),
        pytest.param(lambda: b'{"version": 1}', id="without views"),
        pytest.param(lambda: b'{"version": 2}', id="of a version that comes later"),
        pytest.param(lambda: _with(cells=_cells(CELLS - 1)), id="too few cells"),
        pytest.param(lambda: _with(cells=_cells(50_000_000)), id="a bomb"),
        pytest.param(lambda: _with(cells=_cells(CELLS, float("nan"))), id="no number in a cell"),
        pytest.param(lambda: _with(cells="****"), id="no base64"),
        pytest.param(lambda: _with(cells=7), id="cells that are a number"),
        pytest.param(lambda: _with(detail=float("inf")), id="an endless figure"),
        pytest.param(lambda: _with(contrast=-1.0), id="a figure below zero"),
        pytest.param(lambda: _with(learned_s=10**400), id="a figure that no float holds"),
        pytest.param(lambda: _with(views="many"), id="a word for a figure"),
    ],
)
def test_what_is_no_known_view_is_refused_in_one_line(text_of: Callable[[], bytes]) -> None:
    text = text_of()
    with pytest.raises(ViewsUnreadable) as refused:
        from_text(text)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_file_of_as_many_views_as_a_camera_keeps_may_be_read() -> None:
    views = tuple(_known(seed) for seed in range(TamperSettings().most_known))
    assert len(to_text(replace(KEPT, views=views))) < MOST_BYTES / 4
