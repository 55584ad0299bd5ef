"""A list may be the first that a program says to a centre that has just begun."""

from typing import Any

import httpx
import pytest

from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import Centre, Desk
from tests.patience import PATIENCE_S
from thapcanh.alerts.accounts.api_tokens import ApiTokenRepository
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.errors import MAX_BODY_BYTES


def test_a_list_is_taken_of_a_program_that_was_not_seen_before(
    centre: Centre, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was refused as too large for ever: a program that sends lists alone is never known."""
    rows = "".join(f"M-{number},Cơ sở {number},market\n" for number in range(4000))
    content = f"code,name,kind\n{rows}".encode()
    assert len(content) > MAX_BODY_BYTES

    def sent(token: str) -> httpx.Response:
        return httpx.post(
            f"{desk.base_url}/api/v1/facilities/import?format=csv",
            content=content, headers={"Authorization": f"Bearer {token}"}, trust_env=False,
            timeout=PATIENCE_S,
        )  # fmt: skip

    def away(*_: Any) -> Any:
        raise ArchiveUnreachable("archive: away")

    answer = sent("tc_nobody")
    assert (answer.status_code, answer.json()["error"]) == (401, "not_logged_in")
    token = token_of(centre, TokenScope.FACILITIES, role=Role.TECHNICIAN)
    with monkeypatch.context() as patch:
        patch.setattr(ApiTokenRepository, "find", away)
        answer = sent(token)
        assert (answer.status_code, answer.json()["error"]) == (503, "archive_unavailable")
    answer = sent(token)
    assert (answer.status_code, answer.json().get("added")) == (200, 4000), answer.text
