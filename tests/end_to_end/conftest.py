"""What end-to-end tests share: cameras, screens, a browser; and which run in one process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.end_to_end.chromium import NO_GRAPHICS, launched
from tests.end_to_end.drill import built_screens
from tests.end_to_end.live_page import WITHIN_MS
from tests.end_to_end.running_site import CAMERA_LOGIN
from tests.reference_clips import reference_clip
from tests.running_simulator import RunningSimulator, running_simulator
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
    """The screens, as their sources are."""
    return made_once(tmp_path_factory, "screens", built_screens)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One driver a process: from its first test on, its event loop has the main thread."""
    expect.set_options(timeout=WITHIN_MS)  # as long as a loaded machine needs
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium a process."""
    with launched(playwright, *NO_GRAPHICS) as browser:
        yield browser


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Iterator[Browser]:
    """For a file of tests: what it leaves open is closed."""
    yield chromium
    for context in chromium.contexts:
        context.close()
