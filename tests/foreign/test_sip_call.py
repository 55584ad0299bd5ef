"""A real SIP call through an exchange that is not ours: Debian's Kamailio, called by SIPp."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import Centre, serving
from tests.foreign.sip_exchange import needs_sip, sip_exchange
from tests.made_archives import archive_at
from tests.patience import PATIENCE_S
from thapcanh.alerts.calls.incoming_call_store import IncomingCallRepository
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.web_api.access.token_scopes import TokenScope

WaitFor = Callable[..., None]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    archive = archive_at(tmp_path / "archive.sqlite")
    yield Centre(archive=archive, folder=tmp_path)
    archive.close()


@needs_sip
def test_a_sip_call_rings_is_answered_and_ends(
    centre: Centre, tmp_path: Path, wait_for: WaitFor
) -> None:
    calls = IncomingCallRepository(centre.archive.database)

    def states() -> list[str]:
        waiting = calls.waiting(EVERYTHING, centre.clock.utc())
        return [call.state.value for call in waiting]

    with serving(centre) as served:
        url = f"{served.address}/api/v1/incoming-calls"
        token = token_of(centre, TokenScope.TELEPHONE)
        with (
            sip_exchange(tmp_path, url, token) as exchange,
            exchange.call("0912345678", "114") as caller,
        ):
            wait_for(lambda: states() == ["ended"], 20)
            assert caller.wait(PATIENCE_S) == 0
    (call,) = calls.waiting(EVERYTHING, centre.clock.utc())
    assert (call.caller, call.line) == ("0912345678", "114")
    assert call.answered_at is not None
