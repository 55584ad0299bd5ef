"""A store and a spool, where a test has none of its own kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.spool import Spool


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "evidence")


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    yield spool
    spool.close()
