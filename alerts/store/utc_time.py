"""Unix seconds as the text that others read, `2026-11-24T01:02:03.004Z`. Pure."""

import math
from datetime import UTC, datetime
from functools import lru_cache

_MICROS = 1_000_000


def utc_text(at: float) -> str:
    """Return the time in UTC, truncated to milliseconds."""
    fraction, second = math.modf(at)
    micros = round(fraction * _MICROS)  # as `datetime.fromtimestamp` rounds
    whole, micros = int(second) + micros // _MICROS, micros % _MICROS
    return f"{_second(whole)}.{micros // 1000:03d}Z"


@lru_cache(4096)
def _second(at: int) -> str:
    """Return the second as text; cached, since many times share one."""
    return datetime.fromtimestamp(at, UTC).isoformat()[:-6]
