"""Made clips and one exported model, shared by the tests that replay them; logging is put back."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.conftest import postgres
from tests.reference_clips import reference_clip
from tests.shared_folder import folder_of_run

__all__ = ["postgres"]  # a fixture of that room


@pytest.fixture(scope="session")
def made_clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `fire.mp4`, `quiet.mp4`, and `broken.mp4`, which is no video."""
    folder = tmp_path_factory.mktemp("clips")
    for name in ("fire", "quiet"):
        (folder / f"{name}.mp4").hardlink_to(reference_clip(tmp_path_factory, name))
    (folder / "broken.mp4").write_bytes(b"no video at all")
    return folder


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's cache folder: the first replay of the run exports the model into it."""
    folder = folder_of_run(tmp_path_factory) / "user-cache"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def own_cache(model_cache: Path) -> Iterator[None]:
    """What can be made again is kept in `model_cache`, not in the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(model_cache))
        yield


@pytest.fixture(autouse=True)
def kept_logging() -> Iterator[None]:
    """Put the logging back after a command.

    A command in a test logs to the test's own standard error, which is closed afterwards.
    """
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
