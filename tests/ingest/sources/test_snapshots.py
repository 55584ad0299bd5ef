"""A camera that has only a snapshot is polled as a slow stream, with its login."""

from collections.abc import Callable, Iterator
from itertools import islice, pairwise

import pytest

from tests.ingest.sources.http_camera import PASSWORD, USER, HttpCamera, http_camera
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera, CameraSettings
from thapcanh.ingest.camera.lifecycle import CameraState
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingSettings
from thapcanh.ingest.errors import NotFound, Unauthorized
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.probe import probe, render
from thapcanh.ingest.sources.registry import open_source
from thapcanh.ingest.sources.schemes import http

WaitFor = Callable[..., None]
LOGIN = f"{USER}:{PASSWORD}@"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpCamera]:
    with http_camera(tmp_path_factory.mktemp("served")) as made:
        yield made


@pytest.mark.parametrize("path", ["snap.jpg", "basic/snap.jpg", "digest/snap.jpg", "to/snap"])
def test_a_snapshot_is_at_most_two_pictures_a_second_with_every_login(
    server: HttpCamera, path: str
) -> None:
    with open_source(server.url(path, LOGIN)) as connection:
        assert connection.live
        packets = list(islice(connection, 4))
    gaps = [after.at_s - before.at_s for before, after in pairwise(packets)]
    assert min(gaps) >= 0.5
    assert {packet.stream for packet in packets} == {packets[0].stream}
    assert (packets[0].stream.codec, packets[0].stream.width) == ("mjpeg", 320)
    assert len({bytes(packet.encoded) for packet in packets}) == 4, "a new picture each time"
    assert all(packet.is_keyframe for packet in packets)


def test_a_snapshot_camera_is_watched_and_may_sleep(
    server: HttpCamera, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "EVERY_S", 0.5)
    frames: list[Frame] = []
    spec = CameraConfig(id="old", name="Cổng", source=server.url("digest/snap.jpg", LOGIN))
    camera = Camera(
        spec,
        clock=SystemClock(),
        open_source=open_source,
        on_frame=frames.append,
        settings=CameraSettings(sleep=AdaptiveDecodingSettings()),
    )
    camera.start()
    try:
        wait_for(lambda: len(frames) >= 6, 30.0, "pictures come")
        health = camera.health()
    finally:
        assert camera.stop()
    assert health.state is CameraState.ONLINE
    assert health.reconnects == 0
    assert (health.codec, health.width, health.height) == ("mjpeg", 320, 240)


def test_probe_reads_a_snapshot_as_a_camera(server: HttpCamera) -> None:
    report = probe(server.url("digest/snap.jpg", LOGIN))
    assert report.ok, report.error
    assert report.fps == pytest.approx(1 / http.EVERY_S, abs=0.4)
    assert PASSWORD not in render(report)


def test_a_snapshot_that_is_refused_or_gone_is_named(server: HttpCamera) -> None:
    with pytest.raises(Unauthorized), open_source(server.url("digest/snap.jpg", f"{USER}:x@")):
        pass
    with open_source(server.url("snap.jpg")) as connection:
        packets = iter(connection)
        next(packets)
        server.gone = True
        with pytest.raises(NotFound):
            list(packets)


def test_spaces_round_an_address_and_capitals_in_its_scheme_are_no_matter(
    server: HttpCamera,
) -> None:
    address = server.url("snap.jpg").reveal().replace("http:", " HTTP:") + " "
    with open_source(SecretUrl(address)) as connection:
        assert connection.stream.width == 320
