"""The queue of the room below, and cameras that are waited for on a busy machine too."""

import pytest

from tests.alerts.conftest import queue, queue_server
from tests.patience import PATIENCE_S
from thapcanh.ingest.onvif import ptz

__all__ = ["queue", "queue_server"]


@pytest.fixture(autouse=True)
def _waits_for_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command without answer would be told again by a clock that these tests hold still."""
    monkeypatch.setattr(ptz, "COMMAND_WITHIN_S", PATIENCE_S)
    monkeypatch.setattr(ptz, "OPEN_WITHIN_S", PATIENCE_S)
