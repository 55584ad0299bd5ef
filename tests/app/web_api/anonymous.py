"""Requests of somebody who is not logged in."""

from collections.abc import Mapping

import httpx

from tests.patience import PATIENCE_S

Headers = Mapping[str, str] | Mapping[bytes, bytes]


def anonymous_get(url: str, headers: Headers | None = None) -> httpx.Response:
    """Ask without a session, whatever proxy the environment names."""
    return httpx.get(url, headers=headers, trust_env=False, timeout=PATIENCE_S)
