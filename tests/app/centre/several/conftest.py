"""Two centres that share a queue and an archive."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.conftest import PostgresServer, QueueServer, queue_binaries
from tests.app.centre.several.two_centres import Site


@pytest.fixture
def site(postgres: PostgresServer, tmp_path: Path) -> Iterator[Site]:
    url = postgres.new_database()
    queue = QueueServer(next(iter(queue_binaries().values())), tmp_path / "queue")
    queue.start()
    made = Site(tmp_path, url, queue.url)
    try:
        yield made
    finally:
        made.close()
        queue.stop()
        postgres.drop(url)
