"""Wall and live view once in Debian's Firefox ESR; skipped where it is not installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.web_api.centre import PASSWORD as OFFICERS_PASSWORD
from tests.app.web_api.centre import Desk
from tests.end_to_end.drill import Drill, drilling
from tests.end_to_end.firefox.window import PROGRAM, Firefox, firefox
from tests.end_to_end.live_centre import live_centre, make_film
from tests.end_to_end.running_site import PASSWORD
from tests.running_simulator import running_simulator

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(PROGRAM is None, reason="firefox-esr is not installed"),
]
IS_SHOWN = "return document.body.innerText.includes(arguments[0])"
LIVENESS = "return document.querySelector('[data-liveness=live]')?.dataset.way"


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Firefox]:
    with firefox(tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path, screens) as running:
        yield running


def _log_in(window: Firefox, address: str, username: str, password: str) -> None:
    window("Navigate", url=address)
    window.fill("input[name=username]", username)
    window.fill("input[name=password]", password)
    window.click("button[type=submit]")
    window.until("return !!document.querySelector('.user > button.name')")


def test_a_wall_is_let_in_and_shows_the_alert(window: Firefox, drill: Drill) -> None:
    drill.raise_alert()
    window("Navigate", url=f"{drill.address}/wall")
    digits = window.until(
        r"return document.body.innerText.match(/\b\d{3} \d{3}\b/)?.[0].replace(' ', '')"
    )
    with Desk(drill.address) as leader:
        leader.log_in("chi-huy", OFFICERS_PASSWORD)
        headers = {"X-CSRF-Token": leader.csrf}
        body = {"code": digits, "name": "Sảnh"}
        assert leader.post("/api/v1/walls", json=body, headers=headers).status_code == 201
    window.until("return !!document.querySelector('[data-alert]')")
    assert "Phủ hình" in window.text()


def test_a_camera_is_seen_live(window: Firefox, tmp_path: Path, screens: Path) -> None:
    """By WebRTC where Firefox has a decoder of H.264, else by pictures in a row."""
    film = make_film(tmp_path / "front.mp4")
    with running_simulator([f"front={film}"], as_is=True) as simulator:
        cameras = {"front": simulator.url("front")}
        with live_centre(tmp_path, cameras, screens) as centre:
            _log_in(window, centre.address, "admin", PASSWORD)
            window("Navigate", url=f"{centre.address}/cameras/front")
            assert window.until(LIVENESS) in ("video", "pictures")
            window("Navigate", url="about:blank")
