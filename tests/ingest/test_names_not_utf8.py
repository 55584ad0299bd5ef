"""Names in a stream or file that are not UTF-8 never keep its pictures from being seen."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from tests.ingest.changed_rtsp import changed_replies
from tests.running_simulator import RunningSimulator, running_simulator
from tests.source_trees import ROOMS, modules_of
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.clip_writer import write_clip
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.marked_clip import write_marked
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.probe import probe
from thapcanh.ingest.sources.recorded_file import read_file
from thapcanh.tools.simulator.camera_file import CameraShape, re_encode
from thapcanh.tools.simulator.recording import read_recording

MakeFilm = Callable[..., Path]

NAMES = {
    "latin-1": "Cửa".encode("latin-1", "replace") + b" C\xf4ng vi\xean",
    "gbk": "公园入口".encode("gbk"),
    "utf-8 cut off": "Công viên".encode()[:-3] + b"\xc3",
    "utf-16": "Công viên".encode("utf-16"),
    "nul bytes": b"Cong\0vien\0\xff",
}
IN_A_LINE = {what: name for what, name in NAMES.items() if b"\0" not in name}
"""An SDP is lines of text and ends at a NUL (RFC 8866, 5): no camera can send those."""

SESSION = b"Camera-of-the-park-XX"


@pytest.fixture(scope="module")
def park(film: MakeFilm) -> Iterator[RunningSimulator]:
    word = f"{SESSION.decode()}={film('plain.mp4', codec='libx264')}"
    with running_simulator([word], as_is=True) as simulator:
        yield simulator


@pytest.mark.parametrize("name", IN_A_LINE.values(), ids=IN_A_LINE)
def test_a_session_name_that_is_not_utf8_does_not_refuse_the_camera(
    park: RunningSimulator, name: bytes
) -> None:
    said = name.ljust(len(SESSION))[: len(SESSION)]
    with changed_replies(park.port, {b"s=" + SESSION: b"s=" + said}) as port:
        report = probe(SecretUrl(f"rtsp://127.0.0.1:{port}/{SESSION.decode()}"))
    assert report.error is None
    assert report.frames_decoded > 0


@pytest.fixture(params=list(NAMES))
def named_film(film: MakeFilm, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An MP4 whose handler and title are in another encoding."""
    placeholder = b"handler-of-a-camera-X"
    path = tmp_path / "named.mp4"
    with av.open(str(path), "w") as out, av.open(str(film("plain.mp4", codec="libx264"))) as made:
        out.metadata["title"] = placeholder.decode()
        stream = out.add_stream_from_template(made.streams.video[0])
        stream.metadata["handler_name"] = placeholder.decode()
        for packet in made.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    data = path.read_bytes()
    assert data.count(placeholder) >= 2
    name = NAMES[request.param].ljust(len(placeholder))[: len(placeholder)]
    path.write_bytes(data.replace(placeholder, name))
    return path


def test_an_mp4_whose_handler_is_not_utf8_is_read_everywhere(
    named_film: Path, tmp_path: Path
) -> None:
    """As a source, in replay and training, by the simulator, re-encoded, as a drill's film."""
    pieces = list(read_file(named_film, "a"))
    packets = [piece for piece in pieces if isinstance(piece, Packet)]
    assert len([piece for piece in pieces if isinstance(piece, Frame)]) == len(packets) == 45
    assert write_clip(packets, tmp_path / "clip.mp4").packets == 45
    assert len(read_recording(named_film).units) == 45
    shape = CameraShape(max_width=160, max_height=120)
    assert re_encode(named_film, shape, tmp_path / "cache", threading.Event()).stat().st_size > 0
    write_marked(named_film, tmp_path / "drill.mp4", Frame.bgr, from_s=0.0, to_s=1.0)
    assert (tmp_path / "drill.mp4").stat().st_size > 0


def test_no_container_is_opened_for_reading_but_by_the_one_that_replaces() -> None:
    """A new `av.open` that reads would be strict again."""
    strict = []
    for path in modules_of(*ROOMS, "benchmarks"):
        for call in re.findall(r"\bav\.open\((?:[^()]|\([^()]*\))*\)", path.read_text("utf-8")):
            writes = re.search(r'"w"', call)
            if not writes and "**_METADATA" not in call:
                strict.append(f"{path}: {call[:60]}")
    assert strict == []
