"""What a running centre does by the clock: it ends shelves, and writes down how cameras are."""

import time
from typing import Any

import pytest
from uuid6 import uuid7

from tests.end_to_end.running_site import RunningSite, eventually

pytestmark = pytest.mark.end_to_end


def test_a_shelf_ends_by_itself(watch: RunningSite) -> None:
    with watch.desk() as desk:
        order = {"camera": "quiet", "reason": "thử chuông", "until": time.time() + 2.0}
        headers = {"Idempotency-Key": str(uuid7())}
        made = desk.http.post("/api/v1/shelves", json=order, headers=headers)
        assert made.status_code == 201, made.text
        shelf = made.json()["id"]

        def ended() -> dict[str, Any] | None:
            items = desk.http.get("/api/v1/shelves?ended=true").json()["items"]
            return next((each for each in items if each["id"] == shelf), None)

        found = eventually(ended, 30.0, "the shelf's end")
        assert (found["ended_by"], found["end_reason"]) == (None, "shelf_ended")


def test_how_cameras_are_is_written_down(watch: RunningSite) -> None:
    with watch.desk() as desk:

        def seen() -> dict[str, Any] | None:
            history: dict[str, Any] = desk.http.get("/api/v1/cameras/quiet/history").json()
            spans = history["items"]
            return history if spans and spans[-1]["sees"] and history["share"] else None

        history = eventually(seen, 60.0, "a span of seeing")
        assert 0.0 < history["share"] <= 1.0
        covered = desk.http.get("/api/v1/coverage").json()
        assert covered["cameras_total"] == 2
        assert 0.0 < covered["recorded_share"] < 1.0
