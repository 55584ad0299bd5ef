"""Requests of somebody who is not logged in."""

from collections.abc import Mapping

import httpx

Headers = Mapping[str, str] | Mapping[bytes, bytes]


def anonymous_get(url: str, headers: Headers | None = None) -> httpx.Response:
    """Ask without a session, whatever proxy the environment names."""
    return httpx.get(url, headers=headers, trust_env=False, timeout=60)
