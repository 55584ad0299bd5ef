"""Real clients (FFmpeg's RTSP reader, through PyAV) watch the simulator and suffer its faults."""

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import av
import numpy as np
import pytest
from av.container import InputContainer
from av.video.frame import PictureType
from numpy.typing import NDArray

from tests.conftest import MakeFilm
from tests.ingest.raw_rtsp import RawClient
from tests.patience import PATIENCE_S
from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.tools.simulator.camera_file import CameraFile, LoadRules, camera_files, load
from thapcanh.tools.simulator.faults import CameraCondition
from thapcanh.tools.simulator.recording import Recording, read_recording
from thapcanh.tools.simulator.rtsp.access_unit import packetise
from thapcanh.tools.simulator.rtsp.login import Login, Scheme
from thapcanh.tools.simulator.server import SimulatorSettings
from thapcanh.tools.simulator.session import SessionRules

QUICK = {"probesize": "32768", "analyzeduration": "0"}  # trust the first keyframe
GONE = (av.FFmpegError, OSError)


def watch(url: str, transport: str = "tcp", timeout_s: float = 5.0) -> InputContainer:
    options = {"rtsp_transport": transport, **QUICK}
    return av.open(url, options=options, timeout=(timeout_s, timeout_s))


def decoded(url: str, count: int, transport: str = "tcp") -> list[NDArray[np.uint8]]:
    """The luma of the next pictures; fewer when the stream ends."""
    pictures: list[NDArray[np.uint8]] = []
    with watch(url, transport) as container:
        for frame in container.decode(video=0):
            pictures.append(np.asarray(frame.to_ndarray(format="gray"), np.uint8))
            if len(pictures) == count:
                break
    return pictures


@pytest.fixture
def sim(film: MakeFilm) -> Iterator[RunningSimulator]:
    with running_simulator([f"front={film('plain.mp4')}", f"back={film('plain.mp4')}"]) as running:
        yield running


@contextmanager
def undisturbed(sim: RunningSimulator) -> Iterator[None]:
    """The other camera goes on sending while the block runs."""
    with RawClient(sim.port) as client:
        client.play("back")
        yield
        stamps = [client.picture()[0].timestamp for _ in range(20)]
        steps = {(b - a) & 0xFFFFFFFF for a, b in pairwise(stamps)}
        assert steps == {6000}


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(("name", "how"), [("plain.mp4", {}), ("h265.mp4", {"codec": "libx265"})])
def test_both_codecs_play_over_both_transports(
    film: MakeFilm, transport: str, name: str, how: dict[str, object]
) -> None:
    with running_simulator([f"front={film(name, **how)}"]) as sim:
        pictures = decoded(sim.url("front"), 20, transport)
    assert len(pictures) == 20
    assert pictures[0].shape == (240, 320)
    assert any((a != b).any() for a, b in pairwise(pictures))


def test_a_file_with_b_frames_plays_as_it_is(film: MakeFilm) -> None:
    files = [f"front={film('b-frames.mp4', b_frames=2)}"]
    with (
        running_simulator(files, as_is=True) as sim,
        watch(sim.url("front")) as container,
    ):
        kinds = []
        times = []
        for frame in container.decode(video=0):
            kinds.append(PictureType(frame.pict_type))
            times.append(frame.pts)
            if len(kinds) == 60:  # over the recording's end
                break
    known = [pts for pts in times if pts is not None]
    assert PictureType.B in kinds
    assert known == sorted(known)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_each_login_scheme_lets_the_right_password_in(film: MakeFilm, scheme: Scheme) -> None:
    login = Login(user="cam", password="s3cret", schemes=(scheme,))
    settings = SimulatorSettings(
        cameras=(CameraFile(name="front", path=film("plain.mp4")),),
        port=0,
        session=SessionRules(login=login),
    )
    with RunningSimulator(settings) as sim:
        assert len(decoded(sim.url("front", with_login=True), 3)) == 3
        assert "s3cret" not in sim.url("front")
        for url in (sim.url("front"), sim.url("front").replace("://", "://cam:wrong@")):
            with pytest.raises(av.HTTPUnauthorizedError):
                watch(url)


def test_kill_resets_the_connection_and_a_new_one_plays(sim: RunningSimulator) -> None:
    with undisturbed(sim), RawClient(sim.port) as client:
        client.play("front")
        client.picture()
        sim.fault("front", "kill")
        with pytest.raises(ConnectionResetError):
            client.drain()
        assert len(decoded(sim.url("front"), 3)) == 3


def test_end_says_goodbye_first(sim: RunningSimulator) -> None:
    with undisturbed(sim), RawClient(sim.port) as client:
        client.play("front")
        client.picture()
        sim.fault("front", "end")
        with pytest.raises(ConnectionAbortedError):
            client.drain()
        channel, packet = client.last
        assert channel == 1
        assert packet[-8:-6] == b"\x81\xcb"  # RTCP BYE


def test_off_is_not_found_until_on(sim: RunningSimulator) -> None:
    with undisturbed(sim):
        assert sim.fault("front", "off").condition is CameraCondition.OFF
        with pytest.raises(av.HTTPNotFoundError):
            watch(sim.url("front"))
        assert sim.fault("front", "on").condition is CameraCondition.WELL
        assert len(decoded(sim.url("front"), 3)) == 3


def test_stall_sends_nothing_and_goes_on_with_a_keyframe(sim: RunningSimulator) -> None:
    with undisturbed(sim), RawClient(sim.port) as client:
        session = client.play("front").header("Session").partition(";")[0]
        client.picture()
        sim.fault("front", "stall", 30)
        # Whatever was under way has arrived before this answer; nothing follows it.
        assert client.ask("GET_PARAMETER", "front", Session=session).status == 200
        client.kept.clear()
        client.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.interleaved()
        client.socket.settimeout(10)
        sim.fault("front", "on")
        assert any(packet.payload[0] & 0x1F == 7 for packet in client.picture())


def test_a_stalled_reader_times_out(sim: RunningSimulator) -> None:
    with watch(sim.url("front"), timeout_s=0.5) as container:
        next(container.decode(video=0))
        sim.fault("front", "stall", 60)
        with pytest.raises(GONE):
            for _ in container.demux(video=0):
                pass


def test_freeze_repeats_one_picture_while_time_goes_on(sim: RunningSimulator) -> None:
    with undisturbed(sim), RawClient(sim.port) as client:
        client.play("front")
        client.picture()
        sim.fault("front", "freeze", 30)
        pictures = [client.picture() for _ in range(25)][18:]
        contents = {b"".join(p.payload for p in picture) for picture in pictures}
        stamps = [picture[0].timestamp for picture in pictures]
        assert len(contents) == 1
        assert {(b - a) & 0xFFFFFFFF for a, b in pairwise(stamps)} == {6000}
        frozen = decoded(sim.url("front"), 5)
        assert all((picture == frozen[0]).all() for picture in frozen)
        sim.fault("front", "on")
        moving = decoded(sim.url("front"), 10)
        assert any((a != b).any() for a, b in pairwise(moving))


def test_garbage_is_right_rtp_with_random_payload(film: MakeFilm, sim: RunningSimulator) -> None:
    recording = read_recording(film("plain.mp4"))
    true = {p for unit in recording.units for p in packetise(unit.nals, recording.codec)}
    with undisturbed(sim), RawClient(sim.port) as client:
        client.play("front")
        packets = client.picture()
        assert all(packet.payload in true for packet in packets)
        sim.fault("front", "garbage", 30)
        for _ in range(20):  # past the replayed group
            packets += client.picture()
        sequences = [packet.sequence for packet in packets]
        assert {(b - a) & 0xFFFF for a, b in pairwise(sequences)} == {1}
        assert not any(packet.payload in true for packet in packets[-5:])
        sim.fault("front", "on")
        assert len(decoded(sim.url("front"), 5)) == 5


def test_mute_accepts_and_never_answers(sim: RunningSimulator) -> None:
    with undisturbed(sim), RawClient(sim.port, timeout_s=0.3) as client:
        sim.fault("front", "mute", 30)
        for method in ("OPTIONS", "DESCRIBE"):
            client.say(method, "front")
            with pytest.raises(TimeoutError):
                client.answer()
        with pytest.raises(GONE):
            watch(sim.url("front"), timeout_s=0.5)
        sim.fault("front", "on")
        assert len(decoded(sim.url("front"), 3)) == 3


def test_size_changes_in_the_stream_and_back(
    film: MakeFilm, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    with (
        running_simulator([f"front={film('plain.mp4')}"], cache_dir=cache) as sim,
        watch(sim.url("front")) as container,
    ):
        frames = container.decode(video=0)
        assert next(frames).width == 320
        status = sim.fault("front", "size")
        assert (status.width, status.height) == (160, 120)
        assert _first_width(frames, 160) == 160
        assert sim.fault("front", "size").width == 320
        assert _first_width(frames, 320) == 320
        assert sim.fault("front", "size", "80x60").width == 80
        assert _first_width(frames, 80) == 80


def test_h265_changes_size_as_h265(
    film: MakeFilm, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    files = [f"front={film('h265.mp4', codec='libx265')}"]
    with running_simulator(files, cache_dir=cache) as sim, watch(sim.url("front")) as container:
        frames = container.decode(video=0)
        assert next(frames).width == 320
        sim.fault("front", "size")
        assert _first_width(frames, 160) == 160


def test_stop_is_quick_with_clients_watching_and_may_be_repeated(film: MakeFilm) -> None:
    with running_simulator([f"front={film('plain.mp4')}"]) as sim, RawClient(sim.port) as client:
        client.play("front")
        client.picture()
        stopping = threading.Thread(target=sim.stop)
        stopping.start()
        stopping.join(PATIENCE_S)
        assert not stopping.is_alive()
        with pytest.raises(ConnectionError):
            client.drain()
        sim.stop()
        with pytest.raises(ConnectionRefusedError):
            RawClient(sim.port)


def _first_width(frames: Iterator[av.VideoFrame], width: int) -> int:
    """Width of the first frame that has it, or of the last one of 75 (five seconds)."""
    seen = 0
    for _, frame in zip(range(75), frames, strict=False):
        seen = frame.width
        if seen == width:
            break
    return seen


def test_nobody_is_let_in_before_every_file_is_on_air(
    film: MakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_load, loading = threading.Event(), threading.Event()

    def held(file: CameraFile, rules: LoadRules, stop: threading.Event) -> tuple[Recording, Any]:
        loading.set()
        assert may_load.wait(PATIENCE_S)
        return load(file, rules, stop)

    monkeypatch.setattr("thapcanh.tools.simulator.server.load", held)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    word = f"front={film('plain.mp4')}"
    files = tuple(camera_files([word], as_is=True))
    running = RunningSimulator(SimulatorSettings(cameras=files, port=port))
    starting = threading.Thread(target=running.start)
    starting.start()
    try:
        assert loading.wait(PATIENCE_S)
        with socket.socket() as early:
            assert early.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
        may_load.set()
        starting.join(PATIENCE_S)
        assert len(decoded(running.url("front"), 3)) == 3
    finally:
        may_load.set()
        running.stop()
