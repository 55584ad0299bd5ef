"""A real archive in a temporary folder, filled as the consumer fills it, behind the real app."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from alerts.lifecycle.roles import EVERYTHING, DataFilter, Role
from tests.app.api.centre import Centre, Desk, serving
from tests.made_archives import archive_at


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
