"""Worker, centre and queue are killed: each comes back, no alert is lost or doubled."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.running_site import Desk, RunningSite, eventually, start_site
from tests.running_simulator import RunningSimulator

pytestmark = pytest.mark.end_to_end


def test_killed_processes_come_back_without_losing_or_doubling_an_alert(
    simulator: RunningSimulator, tmp_path: Path
) -> None:
    cameras = {name: simulator.url(name, with_login=True) for name in ("fire", "quiet")}
    with start_site(tmp_path, cameras) as site, site.desk() as desk:
        first = eventually(lambda: desk.alerts(camera="fire"), 60.0, "an alert")[0]
        for word in ("valkey-server", "worker", "centre"):
            _kill(site, word)
            eventually(lambda: _all_well(site, desk), 60.0, f"all well after {word} was killed")
        newer = eventually(
            lambda: _seen_again(desk, first["last_seen_at"]), 60.0, "the fire is seen again"
        )
        assert newer["id"] == first["id"], "the same fire became a second alert"
        assert len(desk.alerts(camera="fire")) == 1
        assert desk.alerts(camera="quiet") == []


def _kill(site: RunningSite, word: str) -> None:
    (victim,) = site.children(word)
    victim.kill()
    eventually(
        lambda: [child for child in site.children(word) if child.pid != victim.pid],
        30.0,
        f"another {word}",
    )


def _all_well(site: RunningSite, desk: Desk) -> bool:
    if not site.is_up():
        return False
    try:
        return all(desk.camera(name)["state"] == "online" for name in ("fire", "quiet"))
    except (KeyError, httpx.HTTPError):
        return False


def _seen_again(desk: Desk, since: str) -> dict[str, Any] | None:
    (alert,) = desk.alerts(camera="fire")
    return alert if alert["last_seen_at"] > since else None
