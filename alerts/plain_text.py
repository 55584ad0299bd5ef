"""Texts as people search them: without case and without the marks of Vietnamese.

`Hoà`, `Hòa` and `HOA` are one word here, and so are `Đống` and `dong`: a hand in a hurry types no
marks, and two keyboards write the same mark in two ways. Pure.
"""

import unicodedata

_NO_MARK_OF_ITS_OWN = str.maketrans({"đ": "d", "Đ": "d", "ð": "d"})


def plain(*texts: str | None) -> str:
    """The texts in one line, lower case, without diacritics; what is not there is left out."""
    joined = " ".join(text for text in texts if text)
    apart = unicodedata.normalize("NFD", joined.translate(_NO_MARK_OF_ITS_OWN).casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.split())
