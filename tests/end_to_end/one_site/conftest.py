"""One site for the tests that break nothing: two RTSP cameras, one of which burns.

It costs a third of a core as long as it runs. So all of its tests run in one process, before all
others (`tests/end_to_end/conftest.py`), and it stops after the last of them.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.running_site import SECRETS, RunningSite, start_site
from tests.end_to_end.secrets_told import ask_everything
from tests.running_simulator import RunningSimulator

_HERE = Path(__file__).parent
_running = ExitStack()


@pytest.fixture(scope="session")
def watch(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> RunningSite:
    """The site; its `fire` camera burns."""
    return _running.enter_context(_watched(simulator, tmp_path_factory.mktemp("site")))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop it where no other test of it follows."""
    if nextitem is None or nextitem.path.parent != _HERE:
        _running.close()


@contextmanager
def _watched(simulator: RunningSimulator, folder: Path) -> Iterator[RunningSite]:
    cameras = {name: simulator.url(name, with_login=True) for name in ("fire", "quiet")}
    with start_site(folder, cameras) as site:
        yield site
        with site.desk() as desk:
            assert ask_everything(desk.http) > 10
    text = site.log.read_text(encoding="utf-8")
    for fault in ("Traceback", "was destroyed"):
        assert fault not in text, f"{fault!r} stands in the log:\n{text}"
    assert SECRETS.look_at_files(folder) > 3
