"""A real archive in a temporary folder, filled as the consumer fills it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.delivery.http_gateway import Gateway
from tests.app.delivery.receiver import Receiver
from tests.app.web_api.centre import Centre
from tests.made_archives import archive_at


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    archive = archive_at(tmp_path / "archive.sqlite")
    yield Centre(archive=archive, folder=tmp_path)
    archive.close()


@pytest.fixture
def receivers() -> Iterator[Callable[..., Receiver]]:
    made: list[Receiver] = []

    def one(*arguments: Any) -> Receiver:
        made.append(Receiver(*arguments))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.server.shutdown()
    made.server.server_close()
