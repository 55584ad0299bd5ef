"""What the limits share: counting by address, and the answer where there is no place."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterator

from starlette.types import Scope as AsgiScope

from app.web_api.errors import ApiError

REFUSED_AFTER_S = (1.0, 3.0)  # until a stranger hears that there is no place; nothing is held
BUSY = 503


@contextlib.contextmanager
def counted(counter: Counter[str], address: str) -> Iterator[None]:
    """Count the address while the block runs; one that is back at 0 takes no memory."""
    counter[address] += 1
    try:
        yield
    finally:
        counter[address] -= 1
        if not counter[address]:
            del counter[address]


async def let_wait() -> None:
    """Who is refused tries again at once: many of them shall not do so at the same moment."""
    await asyncio.sleep(random.uniform(*REFUSED_AFTER_S))  # noqa: S311 no secret


def address_of(scope: AsgiScope) -> str:
    """Return the address that the request comes from; empty where the server names none."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def busy() -> ApiError:
    """Return the answer of a server that has no place: 503, try again in 2 s."""
    return ApiError(BUSY, "busy", headers={"Retry-After": "2"})
