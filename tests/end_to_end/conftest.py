"""What end-to-end tests share: cameras, screens, a browser; and which run in one process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from app.simulator.running import RunningSimulator, running_simulator
from tests.end_to_end.drill import WITHIN_MS, build_screens
from tests.end_to_end.running_site import CAMERA_LOGIN
from tests.reference_clips import reference_clip
from tests.shared_folder import made_once

_ONE_SITE = Path(__file__).parent / "one_site"


class _ByServer(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests in one process, and all that share the one site."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(super()._split_scope(nodeid))
        return str(path.parent if path.parent.name == _ONE_SITE.name else path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Who of several processes runs what."""
    return _ByServer(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the one site: its process has the most to do."""
    items.sort(key=lambda item: item.path.parent != _ONE_SITE)


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
