"""The simulator as a bare RTSP client sees it: states, refusals, transports, one clock for all."""

import asyncio
import socket
import struct
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.conftest import MakeFilm, WaitFor
from tests.ingest.raw_rtsp import TCP, RawClient, Rtp, parse_rtp
from tests.patience import patient
from tests.running_simulator import RunningSimulator, running_simulator
from tests.thapcanh.tools.simulator.rtsp.test_login import basic
from thapcanh.tools.simulator.camera_file import CameraFile
from thapcanh.tools.simulator.rtsp.login import parse_login
from thapcanh.tools.simulator.server import SimulatorSettings
from thapcanh.tools.simulator.session import METHODS, RtspSession, SessionRules


@pytest.fixture(scope="module")
def sim(film: MakeFilm) -> Iterator[RunningSimulator]:
    with running_simulator([f"front={film('plain.mp4')}"]) as running:
        yield running


def test_who_went_at_that_very_moment_is_cut_off_without_an_error(sim: RunningSimulator) -> None:
    async def cut_off_after_the_socket_closed() -> None:
        (viewer,) = sim._running().cameras["front"]._viewers
        assert isinstance(viewer, RtspSession)
        viewer._writer.transport.abort()
        await asyncio.sleep(0)
        viewer.reset()

    with RawClient(sim.port) as client:
        client.play("front")
        client.picture()
        sim._query(cut_off_after_the_socket_closed())


def test_options_need_no_camera(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as client:
        answer = client.ask("OPTIONS", "nowhere")
        assert answer.status == 200
        assert answer.header("Public").split(", ") == list(METHODS)


def test_describe_tells_codec_and_parameter_sets(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as client:
        answer = client.ask("DESCRIBE", "front", Accept="application/sdp")
        assert answer.header("Content-Base").endswith("/front/")
        assert "a=rtpmap:96 H264/90000\r\n" in answer.body
        assert "packetization-mode=1;profile-level-id=42" in answer.body
        assert answer.body.endswith("a=control:track1\r\n")


@pytest.mark.parametrize("method", ["DESCRIBE", "SETUP", "PLAY"])
def test_an_unknown_camera_is_not_found(sim: RunningSimulator, method: str) -> None:
    with RawClient(sim.port) as client:
        assert client.ask(method, "nowhere", Transport=TCP).status == 404


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("PLAY", {}, 455),
        ("PAUSE", {}, 455),
        ("RECORD", {}, 501),
        ("SETUP", {"Transport": "RTP/AVP;multicast"}, 461),
        ("SETUP", {"Transport": "RTP/AVP;unicast"}, 461),
        ("SETUP", {"Transport": "RTP/AVP;unicast;client_port=0-1"}, 461),
        ("SETUP", {"Transport": "RTP/AVP/TCP;interleaved=300-301"}, 461),
        ("SETUP", {}, 461),
        ("PLAY", {"Session": "another"}, 454),
        ("GET_PARAMETER", {}, 200),
    ],
)
def test_what_does_not_fit_is_refused_and_the_connection_lives(
    sim: RunningSimulator, method: str, headers: dict[str, str], status: int
) -> None:
    with RawClient(sim.port) as client:
        assert client.ask(method, "front", **headers).status == status
        assert client.ask("OPTIONS", "front").status == 200


@pytest.mark.parametrize("junk", [b"hello\r\n\r\n", b"\xff\xff\xff\xff\r\n", b"A" * 100_000])
def test_junk_ends_the_connection_and_nothing_else(sim: RunningSimulator, junk: bytes) -> None:
    with RawClient(sim.port) as client, RawClient(sim.port) as other:
        client.socket.sendall(junk)
        assert client.answer().status == 400
        with pytest.raises(ConnectionError):
            client.answer()
        assert other.ask("DESCRIBE", "front").status == 200


def test_a_client_gets_a_keyframe_first_and_steady_timestamps(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as client:
        client.play("front")
        pictures = [client.picture() for _ in range(20)]
    assert any(packet.payload[0] & 0x1F == 7 for packet in pictures[0])  # SPS
    sequences = [packet.sequence for picture in pictures for packet in picture]
    assert all((b - a) & 0xFFFF == 1 for a, b in pairwise(sequences))
    stamps = [picture[0].timestamp for picture in pictures]
    steps = {(b - a) & 0xFFFFFFFF for a, b in pairwise(stamps)}
    assert steps == {6000}  # 90 kHz at 15 pictures a second, over the recording's end too


def test_sender_reports_come_on_the_second_channel(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as client:
        client.play("front")
        channel, report = client.interleaved()
        first = client.rtp()
    assert channel == 1
    kind, length, ssrc = struct.unpack(">xBHI", report[:8])
    assert (kind, length, ssrc) == (200, 6, first.ssrc)
    assert int.from_bytes(report[16:20], "big") == first.timestamp
    sent_at = int.from_bytes(report[8:12], "big") - 2_208_988_800
    assert abs(sent_at - time.time()) < patient(60)


def test_two_clients_see_the_same_moment(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as one, RawClient(sim.port) as other:
        one.play("front")
        for _ in range(10):
            one.picture()
        other.play("front")
        late = _timestamps(other, 25)
        early = _timestamps(one, 30)
    common = late.keys() & early.keys()
    assert len(common) >= 10
    # Each client has its own random start; what lies between two clients is one number.
    assert len({(late[key] - early[key]) & 0xFFFFFFFF for key in common}) == 1


def test_a_pause_stops_the_pictures_and_play_starts_with_a_keyframe(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as client:
        session = client.play("front").header("Session").partition(";")[0]
        client.picture()
        assert client.ask("PAUSE", "front", Session=session).status == 200
        client.kept.clear()
        assert client.ask("GET_PARAMETER", "front", Session=session).status == 200
        assert client.kept == []
        assert client.ask("PLAY", "front", Session=session).status == 200
        assert any(packet.payload[0] & 0x1F == 7 for packet in client.picture())


def test_play_twice_is_play_once(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as client:
        session = client.play("front").header("Session").partition(";")[0]
        assert client.ask("PLAY", "front", Session=session).status == 200
        stamps = [client.picture()[0].timestamp for _ in range(10)]
        assert len(set(stamps)) == 10
        assert sim.status("front").viewers == 1


def test_a_second_setup_is_refused(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as client:
        client.play("front")
        assert client.ask("SETUP", "front", Transport=TCP).status == 455


def test_teardown_ends_the_connection(sim: RunningSimulator, wait_for: WaitFor) -> None:
    with RawClient(sim.port) as client:
        client.play("front")
        assert client.ask("TEARDOWN", "front").status == 200
        with pytest.raises(ConnectionError):
            client.drain()
    wait_for(lambda: sim.status("front").viewers == 0, 5, "the viewer is gone")


def test_udp_comes_from_a_pair_of_ports(sim: RunningSimulator) -> None:
    rtp, rtcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
    with rtp, rtcp, RawClient(sim.port) as client:
        for own in (rtp, rtcp):
            own.bind(("127.0.0.1", 0))
            own.settimeout(10)
        ports = f"{rtp.getsockname()[1]}-{rtcp.getsockname()[1]}"
        setup = client.play("front", f"RTP/AVP;unicast;client_port={ports}")
        server = setup.header("Transport").partition("server_port=")[2].partition(";")[0]
        low, high = (int(port) for port in server.split("-"))
        assert (low % 2, high) == (0, low + 1)
        data, sender = rtp.recvfrom(65536)
        assert sender == ("127.0.0.1", low)
        assert parse_rtp(data).ssrc == int(setup.header("Transport").partition("ssrc=")[2], 16)
        assert rtcp.recvfrom(65536)[1] == ("127.0.0.1", high)


def test_a_closed_udp_port_does_not_end_the_session(sim: RunningSimulator) -> None:
    with RawClient(sim.port) as client:
        client.play("front", "RTP/AVP;unicast;client_port=9-10")
        rounds = sim.status("front").rounds
        while sim.status("front").rounds == rounds:
            assert client.ask("GET_PARAMETER", "front").status == 200


def test_without_replay_a_client_waits_for_the_next_keyframe(
    film: MakeFilm, wait_for: WaitFor
) -> None:
    files = (CameraFile(name="front", path=film("plain.mp4")),)
    rules = SessionRules(gop_replay=False)
    settings = SimulatorSettings(cameras=files, port=0, session=rules)
    with RunningSimulator(settings) as sim, RawClient(sim.port) as client:
        client.play("front")
        wait_for(lambda: sim.status("front").position_s >= 0.3, 5, "the first group is on air")
        with RawClient(sim.port) as late:
            late.play("front")
            assert any(packet.payload[0] & 0x1F == 7 for packet in late.picture())
            assert sim.status("front").position_s >= 1.0


def test_a_slow_client_skips_to_a_keyframe_and_the_others_do_not(
    tmp_path: Path,
) -> None:
    path = _noise(tmp_path / "noise.mp4")
    rules = SessionRules(max_backlog_bytes=2_000)
    settings = SimulatorSettings(
        cameras=(CameraFile(name="front", path=path),), port=0, session=rules
    )
    with (
        RunningSimulator(settings) as sim,
        RawClient(sim.port, receive_buffer=2048) as slow,
        RawClient(sim.port) as quick,
    ):
        slow.play("front")  # and reads nothing from now on
        quick.play("front")
        stamps = []
        while sim.status("front").skipped_units < 20:
            stamps.append(quick.picture()[0].timestamp)
        steps = {(b - a) & 0xFFFFFFFF for a, b in pairwise(stamps)}
        assert steps == {6000}
        gap = _picture_after_a_gap(slow)
        assert any(packet.payload[0] & 0x1F == 7 for packet in gap)


@pytest.mark.parametrize(
    ("proof", "status"),
    [("", 401), ("Basic Y2FtOndyb25n", 401), (basic("cam:secret"), 200)],
)
def test_a_login_is_asked_for(film: MakeFilm, proof: str, status: int) -> None:
    settings = SimulatorSettings(
        cameras=(CameraFile(name="front", path=film("plain.mp4")),),
        port=0,
        session=SessionRules(login=parse_login("cam:secret")),
    )
    with RunningSimulator(settings) as sim, RawClient(sim.port) as client:
        headers = {"Authorization": proof} if proof else {}
        answer = client.ask("DESCRIBE", "front", **headers)
        assert answer.status == status
        if status == 401:
            schemes = [text.split()[0] for text in answer.headers["www-authenticate"]]
            assert schemes == ["Digest", "Basic"]
            assert client.ask("DESCRIBE", "nowhere").status == 401


def _noise(path: Path) -> Path:
    """Two seconds that do not compress: about 100 kB a picture."""
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=15, options={"preset": "ultrafast", "qp": "10"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.codec_context.gop_size = 15
        for _ in range(30):
            picture = rng.integers(0, 255, (240, 320, 3), dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode(None))
    return path


def _timestamps(client: RawClient, count: int) -> dict[bytes, int]:
    """Pictures by their content."""
    pictures = [client.picture() for _ in range(count)]
    return {b"".join(p.payload for p in picture): picture[0].timestamp for picture in pictures}


def _picture_after_a_gap(client: RawClient) -> list[Rtp]:
    """The first picture that does not follow the one before it on the camera's clock."""
    before = client.picture()
    while True:
        after = client.picture()
        if (after[0].timestamp - before[0].timestamp) & 0xFFFFFFFF != 6000:
            return after
        before = after
