"""The one place where a libav container is opened for reading.

What leaves is PyAV's container, on the caller's thread. Names in a file or an SDP (title, handler)
come in whatever encoding their maker used: GBK, Latin-1, UTF-16, cut off in the middle. They are
never needed, so what is not UTF-8 is replaced. Raises what `av.open` raises.
"""

from collections.abc import Mapping
from typing import IO

import av
from av.container import InputContainer

Seconds = float | tuple[float, float]
"""How long to wait: for everything, or (for opening, for one read)."""


def open_container(
    source: str | IO[bytes],
    *,
    format: str | None = None,  # noqa: A002 - PyAV's name
    options: Mapping[str, str] | None = None,
    timeout: Seconds | None = None,
) -> InputContainer:
    """Open an address, a path or an open file; `format` None: found out by libav."""
    return av.open(
        source,
        mode="r",
        format=format,
        options=dict(options or {}),
        timeout=timeout,
        metadata_errors="replace",
    )
