"""The gate opens for a thing that appears, and not for noise, exposure, or the usual bustle."""

import numpy as np
import pytest
from numpy.typing import NDArray

from thapcanh.ingest.decoding.luma_gate import LumaGate, grid

Luma = NDArray[np.uint8]
NOISE = np.random.default_rng(1)


def _scene(*, level: int = 90, spot: int = 0, spot_at: int = 100, noise: float = 6.0) -> Luma:
    """A 640 x 360 gradient with sensor noise and, where `spot` is not 0, a bright square."""
    luma = np.tile(np.linspace(level, level + 60, 640), (360, 1))
    luma[spot_at : spot_at + spot, spot_at : spot_at + spot] = 235
    return np.asarray(np.clip(luma + NOISE.normal(0, noise, luma.shape), 0, 255), np.uint8)


def _calm() -> LumaGate:
    gate = LumaGate()
    assert not any(gate.differs(_scene()) for _ in range(20)), "noise is no difference"
    return gate


def test_a_flame_of_a_twentieth_of_the_width_opens_it() -> None:
    assert _calm().differs(_scene(spot=36))


def test_exposure_and_a_speck_do_not() -> None:
    gate = _calm()
    assert not gate.differs(_scene(level=110))
    assert not gate.differs(_scene(level=110, spot=6))


def test_the_usual_bustle_does_not_but_more_than_it_does() -> None:
    gate, places = LumaGate(), NOISE.integers(0, 250, 60)
    bustle = [gate.differs(_scene(spot=40, spot_at=int(place))) for place in places]
    assert sum(bustle[10:]) <= 2
    assert gate.differs(_scene(spot=200, spot_at=100))


@pytest.mark.parametrize("size", [(1080, 1920), (240, 320), (97, 131), (17, 33)])
def test_any_size_has_a_grid(size: tuple[int, int]) -> None:
    cells = grid(np.full(size, 77, np.uint8))
    assert cells.min() == cells.max() == 77


def test_another_size_begins_anew() -> None:
    gate = _calm()
    assert not gate.differs(np.full((480, 640), 10, np.uint8)[:100, :30])
