"""The part of a file that a `Range` header asks for."""

import pytest

from thapcanh.app.evidence.evidence_routes import FileRange, requested_range


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=3-", 3, 9),
        ("bytes=0-", 0, 9),
        ("bytes=2-100", 2, 9),
        ("bytes= 2 - 5 ", 2, 5),
        ("bytes=-3", 7, 9),
        ("bytes=-100", 0, 9),
    ],
)
def test_a_part_is_asked_for(header: str, first: int, last: int) -> None:
    assert requested_range(header, 10) == FileRange(first=first, last=last, size=10)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "bytes=5-2",
        "bytes=-",
        "bytes=0-1,4-5",
        "bytes=a-b",
        "lines=1-2",
        "bytes=" + "9" * 5000 + "-",
        "bytes=１-２",
    ],
)
def test_what_is_no_range_asks_for_the_whole(header: str | None) -> None:
    assert requested_range(header, 10) == FileRange(first=0, last=9, size=10, is_part=False)


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_what_is_not_there(header: str) -> None:
    assert requested_range(header, 10) is None


def test_an_empty_file_is_whole() -> None:
    found = requested_range(None, 0)
    assert found is not None
    assert (found.length, found.is_part) == (0, False)
    assert requested_range("bytes=0-", 0) is None
