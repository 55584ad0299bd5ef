"""A transport stream of packets is opened as they come, and holds every picture bit for bit."""

from contextlib import suppress
from pathlib import Path

import av
import pytest

from tests.reference_clips import SHORT
from thapcanh.app.drills.synthetic_clip import synthetic_quiet_clip
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import Ended
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.packets.transport_stream import TransportStream
from thapcanh.ingest.sources.registry import open_source


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "quiet.mp4"
    synthetic_quiet_clip(path, shape=SHORT)
    return path


def packets_of(path: Path) -> list[Packet]:
    found: list[Packet] = []
    with suppress(Ended), open_source(SecretUrl(str(path))) as connection:
        found.extend(connection)
    return found


def test_every_picture_arrives_in_time_and_unchanged(film: Path, tmp_path: Path) -> None:
    sent = packets_of(film)
    stream, out = TransportStream(), tmp_path / "sent.ts"
    pieces = [stream.take(packet) for packet in sent]
    stream.close()
    assert all(pieces)  # each packet is on its way before the next one comes
    out.write_bytes(b"".join(pieces))
    got = packets_of(out)
    assert [round(packet.at_s, 3) for packet in got] == [round(packet.at_s, 3) for packet in sent]
    with av.open(str(out)) as container, av.open(str(film)) as original:
        shown = [frame.to_ndarray().sum() for frame in container.decode(video=0)]
        assert shown == [frame.to_ndarray().sum() for frame in original.decode(video=0)]


def test_it_begins_with_a_keyframe(film: Path) -> None:
    first, second = packets_of(film)[:2]
    stream = TransportStream()
    assert stream.take(second) == b""
    assert stream.take(first) != b""
    stream.close()
