"""A real archive behind the real app, made clips and one exported model; logging is put back."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.alerts.conftest import postgres
from tests.app.web_api.centre import Centre, Desk, serving
from tests.made_archives import archive_at
from tests.patience import PATIENCE_S
from tests.reference_clips import reference_clip
from tests.shared_folder import folder_of_run
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.process.bounded_reader import BoundedReader

__all__ = ["postgres"]  # a fixture of that room


@pytest.fixture(autouse=True, scope="session")
def patient_disks() -> None:
    """A loaded machine's disk is no hung one: tests of a hung disk bring a reader of their own."""
    for name, module in tuple(sys.modules.items()):
        if name.startswith("thapcanh.app."):
            for value in vars(module).values():
                if isinstance(value, BoundedReader):
                    value.within_s = PATIENCE_S


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


@pytest.fixture(scope="module")
def standing_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """One centre for the tests of a file that leave it as it was, or do not mind each other."""
    folder = tmp_path_factory.mktemp("standing")
    archive = archive_at(folder / "archive.sqlite")
    yield Centre(archive=archive, folder=folder)
    archive.close()


@pytest.fixture(scope="module")
def standing_address(standing_centre: Centre) -> Iterator[str]:
    """Where that centre is served."""
    with serving(standing_centre) as served:
        yield served.address


@pytest.fixture(scope="module")
def standing_desk(standing_centre: Centre, standing_address: str) -> Iterator[Desk]:
    """A desk of that centre, at which an operator is logged in."""
    standing_centre.add_user("an", Role.OPERATOR)
    with Desk(standing_address) as desk:
        yield desk.log_in("an")


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    archive = archive_at(tmp_path / "archive.sqlite")
    yield Centre(archive=archive, folder=tmp_path)
    archive.close()


@pytest.fixture
def address(centre: Centre) -> Iterator[str]:
    """Where the centre is served."""
    with serving(centre) as served:
        yield served.address


@pytest.fixture
def desk_of(centre: Centre, address: str) -> Iterator[Callable[..., Desk]]:
    """Makes a desk at which somebody new is logged in."""
    with ExitStack() as desks:

        def made(name: str, role: Role, scope: DataFilter = EVERYTHING) -> Desk:
            centre.add_user(name, role, scope=scope)
            return desks.enter_context(Desk(address)).log_in(name)

        yield made


@pytest.fixture
def desk(desk_of: Callable[..., Desk]) -> Desk:
    """A desk at which an operator is logged in."""
    return desk_of("an", Role.OPERATOR)


@pytest.fixture
def officer(centre: Centre) -> Iterator[tuple[Desk, str]]:
    """An officer with a session in force, and where the centre is served."""
    centre.add_user("an", Role.OPERATOR)
    with serving(centre) as served, Desk(served.address) as desk:
        yield desk.log_in("an"), served.address
