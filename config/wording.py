"""Languages of the product."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words in Vietnamese and in English."""

    vi: str
    en: str
