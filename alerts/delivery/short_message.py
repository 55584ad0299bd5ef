"""Short messages (SMS): one line within the limits of one message."""

import unicodedata
from dataclasses import dataclass

from thapcanh.alerts.store.plain_text import without_marks

GSM_LETTERS = 160
UCS2_UNITS = 70
_GSM = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 @$_!\"#%&'()*+,-./:;<=>?"
)
"""What GSM 03.38 has in one unit and ASCII too, so that no gateway mistakes it."""
_NEAR = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "–": "-", "—": "-", "·": "-"})
_CUT = "..."
_LEAST_PLACE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortMessage:
    """Parts of a message by weight: the middle is cut first, then the end."""

    head: str
    middle: str
    end: str


def one_message(stated: ShortMessage, *, unmarked: bool) -> str:
    """Return one SMS, in GSM letters without marks, or in Vietnamese."""
    head, middle, end = (
        _characters(text, unmarked) for text in (stated.head, stated.middle, stated.end)
    )
    whole = _joined(head, middle, end)
    room = GSM_LETTERS if _is_gsm(whole) else UCS2_UNITS
    if _units(whole) <= room:
        return whole
    left = room - _units(_joined(head, "", end)) - 1
    if left < _LEAST_PLACE:
        return cut(_joined(head, middle, ""), room)
    return _joined(head, cut(middle, left), end)


def one_line(text: str) -> str:
    """Return the text in one line, without control and direction characters."""
    retained = (" " if unicodedata.category(one)[0] in "CZ" else one for one in text)
    return " ".join("".join(retained).split())


def cut(text: str, room: int) -> str:
    """Return the text cut to UCS-2 units, after a word if possible."""
    if _units(text) <= room:
        return text
    retained = ""
    for letter in text:
        if _units(retained + letter) > room - len(_CUT):
            break
        retained += letter
    words, _, _ = retained.rpartition(" ")
    whole_words = retained if text[len(retained) :].startswith(" ") else words or retained
    return whole_words.rstrip(" ,.;:-") + _CUT


def unmarked(text: str) -> str:
    """Return the text in GSM letters only, of any length."""
    bare = without_marks(one_line(text).translate(_NEAR))
    return one_line("".join(one if one in _GSM else " " for one in bare))


def _characters(text: str, is_unmarked: bool) -> str:
    line = one_line(unicodedata.normalize("NFC", text))
    return unmarked(line) if is_unmarked else line


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _is_gsm(text: str) -> bool:
    return all(letter in _GSM for letter in text)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
