"""One SMS: within its units, cut behind a word, the number kept."""

import pytest

from thapcanh.alerts.delivery.short_message import ShortMessage, cut, one_line, one_message

LONG = "ngõ 123 phố Nguyễn Thị Minh Khai, phường Hai Bà Trưng, thành phố Hà Nội " * 3


def said(middle: str, end: str = "VV-20261126-0017") -> ShortMessage:
    return ShortMessage(head="P1 Cháy 15:02:", middle=middle, end=end)


def test_in_vietnamese_one_message_has_seventy_units() -> None:
    text = one_message(said(LONG), unmarked=False)
    assert len(text) <= 70
    assert text == "P1 Cháy 15:02: ngõ 123 phố Nguyễn Thị Minh Khai... VV-20261126-0017"


def test_without_marks_one_message_has_a_hundred_and_sixty_letters() -> None:
    text = one_message(said(LONG), unmarked=True)
    assert 140 < len(text) <= 160
    assert text.isascii()
    assert text.startswith("P1 Chay 15:02: ngo 123 pho Nguyen Thi Minh Khai, phuong Hai Ba Trung,")
    assert text.endswith("... VV-20261126-0017")


def test_what_fits_is_whole() -> None:
    assert one_message(said("12 Hàng Bài"), unmarked=False) == (
        "P1 Cháy 15:02: 12 Hàng Bài VV-20261126-0017"
    )
    assert one_message(said("Đường Đê [La Thành] – ngõ 3"), unmarked=True) == (
        "P1 Chay 15:02: Duong De (La Thanh) - ngo 3 VV-20261126-0017"
    )


def test_letters_of_two_units_count_twice() -> None:
    text = one_message(said("🔥" * 60), unmarked=False)
    assert len(text.encode("utf-16-le")) // 2 <= 70
    assert "🔥" not in one_message(said("🔥 Hàng Bài"), unmarked=True)


def test_where_the_end_has_no_room_the_place_stays() -> None:
    text = one_message(said("12 Hàng Bài", "x" * 60), unmarked=False)
    assert text == "P1 Cháy 15:02: 12 Hàng Bài"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nBcc: x", "a Bcc: x"),
        ("a\x00b\u2028c\u202ed", "a b c d"),
        ("  a \t b ", "a b"),
    ],
)
def test_a_line_stays_one(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_word_that_is_too_long_is_cut_within() -> None:
    assert cut("x" * 30, 10) == "x" * 7 + "..."
    assert cut("ab cd ef gh", 10) == "ab cd..."
    assert cut("ab cd ef", 8) == "ab cd ef"
