"""What a camera says of itself in the log: each trouble once, however often it is tried again."""

import logging
import threading

import pytest

from config.camera import CameraConfig
from config.secret import SecretUrl
from ingest.camera.camera import Camera, CameraSettings
from ingest.camera.lifecycle import LifecycleSettings
from ingest.clock import SystemClock
from ingest.errors import NotFound
from ingest.sources.connection import Connection
from tests.patience import PATIENCE_S


def test_the_same_trouble_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    tries = threading.Semaphore(0)

    def refuse(url: SecretUrl, /) -> Connection:
        tries.release()
        raise NotFound(str(url))

    camera = Camera(
        CameraConfig(id="c", name="c", source=SecretUrl("rtsp://h/a")),
        clock=SystemClock(),
        open_source=refuse,  # type: ignore[arg-type] # it never returns
        settings=CameraSettings(life=LifecycleSettings(backoff_first_s=0.01, backoff_max_s=0.01)),
    )
    with caplog.at_level(logging.INFO, "ingest.camera.camera"):
        camera.start()
        for _ in range(4):
            assert tries.acquire(timeout=PATIENCE_S)
        camera.stop()
    told = [record.message for record in caplog.records]
    assert sum("backoff" in line for line in told) == 1, told
    assert sum("connecting" in line for line in told) == 1, told
