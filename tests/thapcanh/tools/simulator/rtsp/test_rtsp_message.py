"""Reading RTSP requests from bytes, the broken ones too."""

import asyncio

import pytest

from thapcanh.tools.simulator.rtsp.rtsp_message import BadRequest, Reply, Request, read_request


def read(data: bytes) -> list[Request]:
    """All requests in `data`, until it ends."""

    async def reading() -> list[Request]:
        reader = asyncio.StreamReader(limit=4096)
        reader.feed_data(data)
        reader.feed_eof()
        found: list[Request] = []
        while (request := await read_request(reader)) is not None:
            found.append(request)
        return found

    return asyncio.run(reading())


def test_a_request_is_read_with_its_headers_and_without_its_body() -> None:
    (request, following) = read(
        b"GET_PARAMETER rtsp://h:8554/front RTSP/1.0\r\nCSeq: 4\r\nContent-Length: 5\r\n\r\nhello"
        b"options * RTSP/1.0\r\nCSEQ:5\r\n\r\n"
    )
    assert request.method == "GET_PARAMETER"
    assert request.camera_name == "front"
    assert request.header("cseq") == "4"
    assert following.method == "OPTIONS"
    assert following.header("cseq") == "5"


def test_interleaved_packets_and_blank_lines_are_skipped() -> None:
    data = b"$\x01\x00\x04RTCP\r\n\r\nPLAY rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n"
    assert [request.method for request in read(data)] == ["PLAY"]


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("rtsp://h/front", "front"),
        ("rtsp://h:1/front/", "front"),
        ("rtsp://u:p@h:1/front/track1", "front"),
        ("rtsp://h/front?x=1", "front"),
        ("rtsp://h/", ""),
        ("*", "*"),
    ],
)
def test_a_camera_is_named_by_the_path(uri: str, name: str) -> None:
    assert Request(method="PLAY", uri=uri).camera_name == name


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"PLAY rtsp://h/a RTSP/1.0\r\nno header\r\n\r\n",
        b"PLAY rtsp://h/a RTSP/1.0\r\nContent-Length: -1\r\n\r\n",
        b"PLAY rtsp://h/a RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n",
        b"PLAY rtsp://h/a RTSP/1.0\r\n" + b"A: b\r\n" * 100 + b"\r\n",
        b"PLAY rtsp://h/" + b"a" * 20_000 + b" RTSP/1.0\r\n\r\n",
        b"\xff\xfe\xfd\xfc\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest):
        read(data)


def test_half_an_address_is_refused() -> None:
    with pytest.raises(BadRequest):
        _ = Request(method="PLAY", uri="rtsp://[::1/front").camera_name


@pytest.mark.parametrize("data", [b"", b"PL", b"$\x00\x00\x10short"])
def test_a_client_that_leaves_is_no_error(data: bytes) -> None:
    assert read(data) == []


def test_a_reply_has_its_length_and_its_request_number() -> None:
    text = Reply(headers=(("Session", "1"),), body="v=0\r\n").to_bytes("7").decode()
    assert text.startswith("RTSP/1.0 200 OK\r\nCSeq: 7\r\nSession: 1\r\n")
    assert text.endswith("Content-Length: 5\r\n\r\nv=0\r\n")
