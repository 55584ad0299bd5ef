"""A camera whose place is written wrongly is watched all the same, without what is wrong.

A slip of the pen in an area's name or a latitude says where a camera stands, not what it sees:
taken off the watch for it, it would be blind. Everything else that is wrong sets the camera aside,
since it might say what must not be seen (a mask), or where the pictures come from.
"""

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

POSITION = ("lat", "lon", "bearing_deg")
OF_PLACE = (*POSITION, "area", "agency")


def without_wrong_place(
    table: Mapping[str, Any], error: ValidationError, keys: frozenset[str]
) -> dict[str, Any] | None:
    """Return the table without keys of its place that are wrong; None if something else is too.

    `keys` are all that a camera has: an unknown one that is most like one of its place is a slip in
    that. A latitude without its longitude is no place, and goes with it.
    """
    wrong = {_key_of(detail["loc"], keys) for detail in error.errors(include_input=False)}
    if None in wrong:
        return None
    if wrong & {*POSITION, ""}:
        wrong.update(POSITION)
    return {
        key: value
        for key, value in table.items()
        if key not in wrong and not (key not in keys and _meant(key, keys) in OF_PLACE)
    }


def _key_of(loc: tuple[int | str, ...], keys: frozenset[str]) -> str | None:
    """The key of the camera's place that a finding is about, empty for both together."""
    if not loc:
        return ""  # the one finding about a whole camera: latitude and longitude
    meant = loc[0] if loc[0] in keys else _meant(str(loc[0]), keys)
    return str(meant) if meant in OF_PLACE else None


def _meant(key: str, keys: frozenset[str]) -> str | None:
    return next(iter(difflib.get_close_matches(key, sorted(keys), n=1)), None)
