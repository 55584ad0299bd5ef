"""One site for all end-to-end tests that break nothing: two RTSP cameras, one of which burns."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from app.simulator.running import RunningSimulator, running_simulator
from tests.end_to_end.drill import WITHIN_MS, build_screens
from tests.end_to_end.running_site import CAMERA_LOGIN, SECRETS, RunningSite, start_site
from tests.end_to_end.secrets_told import ask_everything
from tests.reference_clips import reference_clip
from tests.shared_folder import made_once


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The project's own clips: one that burns after a while, one that never does."""
    return {name: reference_clip(tmp_path_factory, name) for name in ("fire", "quiet")}


@pytest.fixture(scope="session")
def simulator(clips: dict[str, Path]) -> Iterator[RunningSimulator]:
    """Two RTSP cameras with a login."""
    files = [f"{name}={path}" for name, path in clips.items()]
    with running_simulator(files, user=CAMERA_LOGIN) as running:
        yield running


@pytest.fixture(scope="session")
def watch(
    simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSite]:
    """One site for the session; its `fire` camera burns."""
    folder = tmp_path_factory.mktemp("site")
    cameras = {name: simulator.url(name, with_login=True) for name in ("fire", "quiet")}
    with start_site(folder, cameras) as site:
        yield site
        with site.desk() as desk:
            assert ask_everything(desk.http) > 10
    text = site.log.read_text(encoding="utf-8")
    for fault in ("Traceback", "was destroyed"):
        assert fault not in text, f"{fault!r} stands in the log:\n{text}"
    assert SECRETS.look_at_files(folder) > 3


@pytest.fixture(scope="session")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The screens, built from their sources."""
    return made_once(tmp_path_factory, "screens", build_screens)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a file of tests; what is expected may take as long as a loaded machine needs."""
    expect.set_options(timeout=WITHIN_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
