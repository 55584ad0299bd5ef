"""A crew's phone as the API hears it."""

from datetime import UTC, datetime
from typing import Any

import httpx
from uuid6 import uuid7

from tests.app.web_api.centre import NOW, Desk


class Phone(Desk):
    """A crew's phone, logged in as its unit."""

    def tell(
        self, incident: str, key: str | None = None, ago_s: float = 0.0, **body: Any
    ) -> httpx.Response:
        """A report that is sent so long after it happened."""
        times = {"told_at": _iso(NOW - ago_s), "sent_at": _iso(NOW)}
        return self.post(
            f"/api/v1/crew/incidents/{incident}/reports",
            json=body | times,
            headers=self._keyed(key),
        )

    def show(self, incident: str, content: bytes, key: str | None = None) -> httpx.Response:
        return self.post(
            f"/api/v1/crew/incidents/{incident}/media",
            params={"told_at": _iso(NOW), "sent_at": _iso(NOW)},
            content=content,
            headers=self._keyed(key) | {"Content-Type": "image/jpeg"},
        )

    def sees(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/api/v1/crew").json()
        return found

    def _keyed(self, key: str | None) -> dict[str, str]:
        return {"X-CSRF-Token": self.csrf, "Idempotency-Key": key or str(uuid7())}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def reports(desk: Desk, incident: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.get(f"/api/v1/incidents/{incident}/crew-reports").json()[
        "items"
    ]
    return items
