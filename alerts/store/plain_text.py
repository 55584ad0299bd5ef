"""Texts as people search them: without case and without the marks of Vietnamese.

`Hoà`, `Hòa` and `HOA` are one word here, and so are `Đống` and `dong`: a hand in a hurry types no
marks, and two keyboards write the same mark in two ways. Pure.
"""

import unicodedata

_NO_MARK_OF_ITS_OWN = str.maketrans({"đ": "d", "Đ": "D", "ð": "d"})


def plain(*texts: str | None) -> str:
    """The texts in one line, lower case, without diacritics; what is not there is left out."""
    joined = " ".join(text for text in texts if text)
    return " ".join(without_marks(joined).casefold().split())


def without_marks(text: str) -> str:
    """The text without diacritics, otherwise as it is."""
    apart = unicodedata.normalize("NFD", text.translate(_NO_MARK_OF_ITS_OWN))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
