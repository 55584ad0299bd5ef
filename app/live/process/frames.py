"""Message framing between centre and live process: a JSON head and a binary body.

Both are bounded. On an event loop.
"""

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import Any

Head = dict[str, Any]

MOST_HEAD_BYTES = 1 << 20
MOST_BODY_BYTES = 16 << 20
_SIZES = struct.Struct("!II")


class ChannelBroken(Exception):
    """Lost peer or invalid message."""


async def read_frame(reader: asyncio.StreamReader) -> tuple[Head, bytes]:
    """Return the next message. Raises `ChannelBroken`."""
    try:
        head_bytes, body_bytes = _SIZES.unpack(await reader.readexactly(_SIZES.size))
        if head_bytes > MOST_HEAD_BYTES or body_bytes > MOST_BODY_BYTES:
            raise ChannelBroken("a message is too long")
        head = json.loads(await reader.readexactly(head_bytes))
        body = await reader.readexactly(body_bytes)
    except (OSError, EOFError, ValueError) as error:
        raise ChannelBroken(type(error).__name__) from error
    if not isinstance(head, dict):
        raise ChannelBroken("a message has no head")
    return head, body


def frame_of(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return an encoded message. Raises `ValueError` if it is too long."""
    head_bytes = json.dumps(head).encode()
    if len(head_bytes) > MOST_HEAD_BYTES or len(body) > MOST_BODY_BYTES:
        raise ValueError("a message is too long")
    return _SIZES.pack(len(head_bytes), len(body)) + head_bytes + body
