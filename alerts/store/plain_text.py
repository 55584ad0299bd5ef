"""Plain texts for search, without case and Vietnamese marks; and displayable texts."""

import unicodedata

_NO_MARK_OF_ITS_OWN = {ord("đ"): "d", ord("Đ"): "D", ord("ð"): "d"}
_MOST_CHARACTERS = 4096  # all that is written here, many times over


_HIDDEN = dict.fromkeys(
    (
        *range(1, 9), 11, 12, *range(14, 32), *range(127, 160),  # control characters
        0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A),  # turn the text
        0xFEFF, *range(0xFFF9, 0xFFFC), 0xFFFE, 0xFFFF,  # are no letters
    )
)  # fmt: skip


def legible(text: str) -> str:
    """Return the text without hidden, direction and invalid XML characters."""
    return text.translate(_HIDDEN)


def plain(*texts: str | None) -> str:
    """Return the texts in one line, lower case, without diacritics."""
    joined = " ".join(text for text in texts if text)
    return " ".join(without_marks(joined).casefold().split())


def without_marks(text: str) -> str:
    return text.translate(_CHARACTERS)


class _Characters(dict[int, str]):
    """Each letter without its marks, found when it is met first."""

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFD", _NO_MARK_OF_ITS_OWN.get(code, chr(code)))
        letter = "".join(one for one in apart if not unicodedata.combining(one))
        if len(self) < _MOST_CHARACTERS:
            self[code] = letter
        return letter


_CHARACTERS = _Characters()
