"""Torn pictures: said in time, and nothing else is said or learned of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ingest import made_views as made
from tests.patience import PATIENCE_S
from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.config.camera import CameraConfig, Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera, CameraSettings
from thapcanh.ingest.camera.lifecycle import CameraState
from thapcanh.ingest.camera.picture_health import (
    DamageSettings,
    PictureCondition,
    PictureHealth,
    PictureHealthSettings,
)
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.registry import open_source

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]

HOME, ELSEWHERE = made.street(1), made.street(2)
BRIEF = CameraSettings(picture=PictureHealthSettings(damage=DamageSettings(window_s=5.0)))


def _frame(at_s: float, luma: made.Luma, damage: int = 0) -> Frame:
    return Frame(
        camera_id="gate",
        picture=av.VideoFrame.from_ndarray(luma, format="gray"),
        width=luma.shape[1],
        height=luma.shape[0],
        at_s=at_s,
        captured_at=at_s,
        decoded_at=at_s,
        damage=damage,
    )


def _watched(
    watch: PictureHealth,
    luma: made.Luma,
    began_s: int,
    seconds: int,
    damage: Callable[[int], int] = lambda _: 0,
) -> list[str]:
    return [
        watch.observe(_frame(second, made.seen(luma), damage(second)), "h264").value
        for second in range(began_s, began_s + seconds)
    ]


def _each_group(second: int) -> int:
    return 1 + second // 2


def test_a_torn_picture_is_said_and_over_when_pictures_are_whole() -> None:
    watch = PictureHealth()
    assert set(_watched(watch, HOME, 0, 40)) == {"ok"}
    said = _watched(watch, HOME, 40, 40, _each_group)
    assert said.index("damaged") <= 20
    assert said[-1] == "damaged"
    said = _watched(watch, HOME, 80, 60)
    assert said[-1] == "ok"
    assert set(said) == {"damaged", "ok"}


def test_smears_are_no_moved_camera_and_are_not_learned() -> None:
    """Old content dragged over the picture looks like another place."""
    watch = PictureHealth()
    _watched(watch, HOME, 0, 40)
    (before,) = watch.known_views()
    said = _watched(watch, ELSEWHERE, 40, 120, _each_group)
    assert set(said) == {"ok", "damaged"}
    (after,) = watch.known_views()
    assert np.array_equal(before.mean.edges, after.mean.edges)
    assert _watched(watch, HOME, 160, 60)[-1] == "ok"


def test_a_few_torn_pictures_do_not_hide_a_moved_camera() -> None:
    watch = PictureHealth()
    _watched(watch, HOME, 0, 40)
    said = _watched(watch, ELSEWHERE, 40, 60, lambda second: second % 8 == 0)
    assert said[-1] == "moved"
    assert "damaged" not in said


def test_a_picture_that_concealment_holds_is_torn_rather_than_frozen() -> None:
    watch = PictureHealth(PictureHealthSettings(frozen_after_s=10.0))
    said = [watch.observe(_frame(n, HOME, 1 + n // 2), "h264").value for n in range(120)]
    assert set(said) == {"ok", "damaged"}
    said = [watch.observe(_frame(n, made.seen(HOME)), "h264").value for n in range(120, 160)]
    assert "frozen" not in said, "it did not stand still meanwhile"


@pytest.fixture(scope="module")
def street(film: MakeFilm) -> Iterator[RunningSimulator]:
    films = {"h264": film("plain.mp4", codec="libx264"), "h265": film("h265.mp4", codec="libx265")}
    words = [f"{name}={path}" for name, path in films.items()]
    with running_simulator(words, as_is=True) as simulator:
        yield simulator


@contextmanager
def _watching(url: str, transport: Transport) -> Iterator[Camera]:
    opened = partial(open_source, settings=OpenSettings(transport=transport))
    spec = CameraConfig(id="gate", name="Cổng", source=SecretUrl(url))
    camera = Camera(spec, clock=SystemClock(), open_source=opened, settings=BRIEF)
    camera.start()
    try:
        yield camera
    finally:
        assert camera.stop()


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.UDP])
@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_camera_whose_packets_are_lost_is_said_to_be_torn_until_they_come(
    street: RunningSimulator, wait_for: WaitFor, codec: str, transport: Transport
) -> None:
    """It was online and well, whatever its pictures were made of."""
    with _watching(street.url(codec), transport) as camera:
        wait_for(lambda: camera.health().frames_decoded >= 30, PATIENCE_S, "two seconds of it")
        assert camera.health().damaged_pictures == 0
        street.fault(codec, "tear", 600.0)
        is_torn = PictureCondition.DAMAGED
        wait_for(lambda: camera.health().picture is is_torn, PATIENCE_S, "torn")
        assert camera.health().state is CameraState.ONLINE
        street.fault(codec, "on")
        wait_for(lambda: camera.health().picture is PictureCondition.OK, PATIENCE_S, "whole again")
