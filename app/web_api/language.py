"""Language of the reader, from `Accept-Language`."""

from enum import StrEnum

_LONGEST_HEADER = 200  # browsers send less; more is not read


class Language(StrEnum):
    """The languages that every sentence exists in."""

    VI = "vi"
    EN = "en"


def chosen(accept_language: str | None, default: Language) -> Language:
    """Return the wanted language of the highest weight, or the default when neither is wanted."""
    best, best_weight = default, 0.0
    for part in (accept_language or "")[:_LONGEST_HEADER].split(","):
        tag, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        name = tag.strip().lower().partition("-")[0]
        if weight > best_weight and name in tuple(Language):
            best, best_weight = Language(name), weight
    return best


def _weight(parameters: str) -> float:
    _, _, text = parameters.partition("q=")
    if not text:
        return 1.0
    try:
        return float(text)
    except ValueError:
        return 0.0
