"""Reads what a camera answered, whose shape nobody may rely on: dicts and lists in, facts out."""

from typing import Any

MOST_PROFILES = 16


def at(said: Any, *path: str) -> Any:
    """What stands at a path of an answer; None where the answer is of another shape."""
    for key in path:
        if not isinstance(said, dict):
            return None
        said = said.get(key)
    return said


def whole(value: Any) -> int | None:
    """A positive number of a size that a camera may have; None where it is none."""
    return value if isinstance(value, int) and 0 < value < 1_000_000 else None


def named_profiles(said: Any) -> list[dict[str, Any]]:
    """The profiles of an answer that have a token, at most `MOST_PROFILES`."""
    found = said if isinstance(said, list) else []
    named = [one for one in found if isinstance(at(one, "token"), str) and one["token"]]
    return named[:MOST_PROFILES]
