"""Texts without marks are what taking them apart gives, for every letter."""

import unicodedata

from thapcanh.alerts.store.plain_text import plain, without_marks


def test_every_letter_loses_its_marks() -> None:
    letters = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x11000))))
    apart = unicodedata.normalize("NFD", letters.translate(str.maketrans("đĐð", "dDd")))
    wanted = "".join(one for one in apart if not unicodedata.combining(one))
    assert without_marks(letters) == without_marks(letters) == wanted


def test_words_are_found_however_they_are_typed() -> None:
    assert plain("Hoà", None, "HÒA  hòa", "Đống Đa") == "hoa hoa hoa dong da"
