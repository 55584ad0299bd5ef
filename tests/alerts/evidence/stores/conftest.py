"""Both kinds of store, each with a bucket or a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.alerts.evidence.s3_server import S3Server
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.alerts.evidence.stores.store import EvidenceStore

MakeStore = Callable[[], EvidenceStore]


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3Server]:
    with S3Server.started() as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Opens the same store again and again, as several processes would."""
    if request.param == "folder":
        return lambda: FolderStore(tmp_path / "evidence")
    server: S3Server = request.getfixturevalue("s3_server")
    settings = server.settings(server.new_bucket())
    return lambda: S3Store(settings)


@pytest.fixture
def store(make_store: MakeStore) -> EvidenceStore:
    return make_store()
