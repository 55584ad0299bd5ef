"""A camera's own object boxes: what its documents mean, and what no document may do."""

import math
from collections.abc import Sequence

import av
import pytest

from tests.ingest.onvif.metadata_camera import (
    described_object,
    document,
    metadata_camera,
)
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import Garbled, NoMetadata, SourceError, Unauthorized, Unsupported
from thapcanh.ingest.onvif.metadata import (
    MOST_OBJECTS,
    CameraObject,
    MetadataRefused,
    read_metadata,
)
from thapcanh.ingest.onvif.metadata_reader import (
    AFTER_S,
    LATE_S,
    LEARNT_AFTER_S,
    NEAR_S,
    Lateness,
    ObjectLog,
)
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.rtp_documents import MOST_BYTES, RtpDocuments
from thapcanh.ingest.sources.rtsp_metadata import open_metadata
from thapcanh.tools.simulator.rtsp.login import Login

PIXELS = (
    '<tt:Transformation><tt:Translate x="-1.0" y="1.0"/>'
    '<tt:Scale x="0.003125" y="-0.00416667"/></tt:Transformation>'
)  # 640 x 480 from the top left, as makers write it
DOUBLED = '<tt:Transformation><tt:Scale x="2.0" y="2.0"/></tt:Transformation>'


def _only(told: bytes) -> CameraObject:
    read = read_metadata(told)
    assert read is not None
    (one,) = read.objects
    return one


@pytest.mark.parametrize(
    ("box", "transformation", "inner", "expected"),
    [
        ((-1.0, 1.0, 0.0, 0.0), "", "", (0.0, 0.0, 0.5, 0.5)),
        ((0.0, 0.0, 1.0, -1.0), "", "", (0.5, 0.5, 1.0, 1.0)),
        ((0.0, -1.0, 1.0, 0.0), "", "", (0.5, 0.5, 1.0, 1.0)),  # top and bottom the other way
        ((320.0, 240.0, 640.0, 480.0), PIXELS, "", (0.5, 0.5, 1.0, 1.0)),
        ((160.0, 120.0, 320.0, 240.0), PIXELS, DOUBLED, (0.5, 0.5, 1.0, 1.0)),
        ((-5.0, 5.0, 0.0, 0.0), "", "", (0.0, 0.0, 0.5, 0.5)),  # over the edge
    ],
)
def test_boxes_come_in_shares_of_the_picture(
    box: tuple[float, float, float, float],
    transformation: str,
    inner: str,
    expected: Sequence[float],
) -> None:
    told = document(described_object("Human", box, inner=inner), transformation=transformation)
    assert _only(told).box == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("Human", "person"), ("tt:Human", "person"), ("Vehicle", "car"), ("Bus", "bus"),
        ("Motor cycle", "motorcycle"), ("Fire", "fire"), ("Smoke", "smoke"), ("Bike", "bicycle"),
    ],
)  # fmt: skip
def test_classes_become_the_labels_that_rules_know(kind: str, label: str) -> None:
    one = _only(document(described_object(kind, (-0.5, 0.5, 0.5, -0.5), likelihood="0.8")))
    assert (one.label, one.confidence, one.id) == (label, 0.8, "7")


def test_an_older_form_a_vehicles_kind_and_a_missing_likelihood_are_read() -> None:
    box = '<tt:Shape><tt:BoundingBox left="-0.5" top="0.5" right="0.5" bottom="-0.5"/></tt:Shape>'
    older = (
        "<tt:Class><tt:ClassCandidate><tt:Type>Vehicle</tt:Type><tt:Likelihood>87</tt:Likelihood>"
        "</tt:ClassCandidate><tt:ClassCandidate><tt:Type>Other</tt:Type>"
        "<tt:Likelihood>99</tt:Likelihood></tt:ClassCandidate></tt:Class>"
        "<tt:VehicleInfo><tt:Type>Truck</tt:Type></tt:VehicleInfo>"
    )
    told = f'<tt:Object ObjectId="1"><tt:Appearance>{box}{older}</tt:Appearance></tt:Object>'
    one = _only(document(told))
    assert (one.label, one.confidence) == ("truck", 0.87)
    bare = "<tt:Class><tt:Type>Human</tt:Type></tt:Class>"
    told = f"<tt:Object><tt:Appearance>{box}{bare}</tt:Appearance></tt:Object>"
    assert _only(document(told)).confidence == 0.5


def test_what_no_rule_knows_and_what_is_no_box_is_left_out() -> None:
    good = (-0.5, 0.5, 0.5, -0.5)
    told = document(
        described_object("Animal", good, id="1"),
        described_object("Human", (math.nan, 0.5, 0.5, -0.5), id="2"),
        described_object("Human", (0.5, 0.5, 0.5, -0.5), id="3"),
        described_object("Human", (1e300, 0.5, 0.5, -0.5), id="4"),
        '<tt:Object ObjectId="5"/>',
    )
    read = read_metadata(told)
    assert read is not None
    assert read.objects == ()
    assert read_metadata(b"<MetadataStream><Event/></MetadataStream>") is None


def test_a_document_has_bounds_of_size_depth_and_number() -> None:
    many = (described_object("Human", (-0.5, 0.5, 0.5, -0.5), id=str(one)) for one in range(400))
    read = read_metadata(document(*many))
    assert read is not None
    assert len(read.objects) == MOST_OBJECTS
    entities = b'<!DOCTYPE a [<!ENTITY b "&#65;"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    outside = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
    deep = b"<a>" * 20_000
    for hostile in (
        b"", b"\x1f\x8b\x08\0", b"\x80exi", b"<a", b"<a>" + b" " * MOST_BYTES, entities, outside,
        deep, '<?xml version="1.0" encoding="utf-32"?><a/>'.encode("utf-16"), b"\xff\xfe<\0",
    ):  # fmt: skip
        with pytest.raises(MetadataRefused):
            read_metadata(hostile)
    assert read_metadata(deep + b"</a>" * 20_000) is None


def test_packets_are_put_together_and_what_lacks_one_or_is_too_large_is_left_out() -> None:
    def packet(number: int, stamp: int, payload: bytes, *, ends: bool = False) -> bytes:
        head = bytes([0x80, 107 | (0x80 if ends else 0)]) + number.to_bytes(2, "big")
        return head + stamp.to_bytes(4, "big") + bytes(4) + payload

    def read(*packets: bytes) -> list[bytes]:
        building = RtpDocuments("rtsp://camera")
        return [whole for one in packets for whole in building.take(one)]

    assert read(packet(65535, 1, b"<a>"), packet(0, 1, b"</a>", ends=True)) == [b"<a></a>"]
    assert read(packet(1, 1, b"<a/>"), packet(2, 2, b"<b/>"), packet(3, 3, b"")) == [
        b"<a/>", b"<b/>",
    ]  # fmt: skip
    assert read(packet(1, 1, b"<a>"), packet(3, 1, b"</a>", ends=True)) == []
    assert read(b"", b"\x80", packet(1, 1, b"<a/>", ends=True)[:12]) == []
    large = [packet(one & 0xFFFF, 1, b"x" * 60_000) for one in range(5)]
    assert read(*large, packet(5, 1, b"", ends=True), packet(6, 2, b"<a/>", ends=True)) == [b"<a/>"]
    with pytest.raises(Garbled):
        read(*(packet(2 * one, one + 1, b"<a/>", ends=True) for one in range(1, 60)))


def test_late_boxes_are_known_with_a_clock_in_any_year_and_one_that_is_put_back() -> None:
    lateness = Lateness()
    year_2001, now = 978_307_200.0, 1_800_000_000.0
    assert not lateness.judge(year_2001, now)
    assert not lateness.judge(year_2001 + 1.0, now + 1.5)
    assert lateness.judge(year_2001 + 2.0, now + 2.0 + LATE_S + 0.1)
    assert not lateness.judge(year_2001 + 5.0, now + 5.0)
    back_s = 3600.0
    late = [lateness.judge(year_2001 + at - back_s, now + at) for at in range(6, 30)]
    assert late.index(False) == pytest.approx(LEARNT_AFTER_S, abs=1.0)
    assert not any(late[late.index(False) :])
    assert not lateness.judge(None, now + 30.0)


def test_a_picture_finds_the_boxes_of_its_own_moment() -> None:
    log = ObjectLog()
    here, there = (CameraObject(id="1", label="person", confidence=0.9, box=box) for box in BOXES)
    other = CameraObject(id="2", label="car", confidence=0.9, box=BOXES[0])
    log.keep(100.0, (here, other))
    log.keep(100.4, (there,))
    assert log.near(100.0 - AFTER_S) == (here, other)
    assert log.near(100.4) == (there, other)  # a camera tells of what moved
    assert log.near(100.0 + NEAR_S + 0.1) == (there,)
    assert log.near(99.0) == log.near(102.0) == ()
    for number in range(5000):
        log.keep(200.0 + number * 0.001, (there,))
    assert log.near(204.9) == (there,)
    assert log.near(200.0) == (there,), "many in a moment push earlier ones out"


BOXES = ((0.1, 0.1, 0.2, 0.3), (0.15, 0.1, 0.25, 0.3))


def _first(address: str) -> bytes:
    with open_metadata(SecretUrl(address), OpenSettings()) as track:
        return next(iter(track))


def test_a_cameras_track_is_read_as_libav_reads_it() -> None:
    """A server that only our own reader understands would prove nothing."""
    told = document(*(described_object("Human", (-1, 1, 0, 0), id=str(one)) for one in range(9)))
    with metadata_camera(lambda: told) as camera:
        assert _first(camera.url) == told
        assert "SETUP meta" in camera.asked
        assert "SETUP video" not in camera.asked
        options = {
            "rtsp_transport": "tcp", "allowed_media_types": "data",
            "probesize": "32", "analyzeduration": "0",
        }  # fmt: skip
        with av.open(camera.url, options=options, timeout=10.0) as container:
            (track,) = container.streams
            parts = b""
            for packet in container.demux(track):
                parts += bytes(packet)
                if parts.endswith(b"</tt:MetadataStream>"):
                    break
        assert parts == told


def test_a_login_is_answered_and_never_shown() -> None:
    with metadata_camera(document) as camera:
        camera.login = Login(user="viewer", password="s3cret word")
        right = camera.url.replace("s3cret word", "s3cret%20word")
        assert _first(right) == document()
        with pytest.raises(Unauthorized) as refused:
            _first(right.replace("s3cret", "wrong"))
        assert "wrong" not in str(refused.value)


def test_a_camera_may_send_before_it_says_that_it_will() -> None:
    with metadata_camera(document) as camera:
        camera.is_hasty = True
        assert _first(camera.url) == document()


def test_one_clear_error_says_why_no_boxes_come() -> None:
    def told(address: str) -> SourceError:
        with pytest.raises(SourceError) as raised:
            _first(address)
        return raised.value

    with metadata_camera(lambda: b"") as camera:
        camera.has_track = False
        assert isinstance(told(camera.url), NoMetadata)
        camera.has_track, camera.encoding = True, "vnd.onvif.metadata.gzip"
        assert "compressed" in str(told(camera.url))
        assert isinstance(told(camera.url.replace("rtsp", "http")), Unsupported)
        gone = camera.url
    assert told(gone).retry_helps
