"""What a child process is told of our environment: `/proc` shows it for as long as it lives."""

from collections.abc import Mapping

_PLAIN = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"})


def plain_environment(mine: Mapping[str, str]) -> dict[str, str]:
    """What any program may need, and no secret."""
    return {key: value for key, value in mine.items() if key in _PLAIN}
