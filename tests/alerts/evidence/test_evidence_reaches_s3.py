"""Evidence on its way to S3-compatible storage that is down: it waits, is named, and arrives."""

from collections.abc import Callable, Iterator

import pytest

from tests.alerts.evidence.s3_server import S3Server, s3_settings
from tests.alerts.recording import EVENT, SHORT, frame, kinds, spooled
from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.alerts.evidence.stores.store import stored_sha256
from thapcanh.alerts.queue.spool import Spool

Until = Callable[..., None]


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server.started() as started:
        yield started


def test_evidence_waits_for_a_bucket_and_a_restart_loses_none(
    server: S3Server, spool: Spool, until: Until
) -> None:
    settings = s3_settings(server.endpoint, "not-made-yet", prefix="site/a")
    first = EventRecorder(S3Store(settings), spool, settings=SHORT)
    first.start()
    first.accept(EVENT, frame(), None)
    until(lambda: first.delivery().error is not None)
    assert "there is no such bucket" in str(first.delivery().error)
    until(lambda: [one.event.id for one in spooled(spool)][:1] == [EVENT.id])  # it did not wait
    assert first.delivery().waiting == 1
    first.stop()
    server.client.create_bucket(Bucket="not-made-yet")
    store = S3Store(settings)
    again = EventRecorder(store, spool, settings=SHORT)
    again.start()
    until(lambda: again.delivery().waiting == 0)
    again.stop()
    (came,) = [one for one in spooled(spool) if one.evidence]
    assert kinds(came) == ["snapshot", "snapshot_boxed", "manifest"]
    for ref in came.evidence:
        assert stored_sha256(store, ref.path) == ref.sha256
