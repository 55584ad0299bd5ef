"""Orders an export at a desk, waits until it is made, and fetches it."""

import time
from typing import Any

import httpx

from tests.app.web_api.centre import Desk
from tests.patience import PATIENCE_S

EXPORTS = "/api/v1/exports"
PURPOSE = "Vụ 12/2026"


def ordered(desk: Desk, *, unblurred: bool = False, **wanted: Any) -> httpx.Response:
    """The answer to an order; of what is not blurred with a purpose."""
    body = {"purpose": PURPOSE, **wanted} if unblurred else wanted
    path = f"{EXPORTS}/unblurred" if unblurred else EXPORTS
    return desk.post(path, json=body, headers={"X-CSRF-Token": desk.csrf})


def ended(desk: Desk, order: httpx.Response) -> dict[str, Any]:
    """How an export stands once nothing is done for it any more."""
    assert order.status_code == 201, order.text
    until = time.monotonic() + 4 * PATIENCE_S
    while True:
        told: dict[str, Any] = desk.get(f"{EXPORTS}/{order.json()['id']}").json()
        if told["state"] not in {"waiting", "running"}:
            return told
        assert time.monotonic() < until, told
        time.sleep(0.05)


def fetched(desk: Desk, *, unblurred: bool = False, **wanted: Any) -> httpx.Response:
    """The file, or the refusal of its order."""
    order = ordered(desk, unblurred=unblurred, **wanted)
    if order.status_code != 201:
        return order
    return desk.get(f"{EXPORTS}/{ended(desk, order)['id']}/file")
