"""Input that nobody honest sends: whatever it is, the answer is ours, and never a fault."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.web_api import endpoints
from tests.app.web_api.centre import Centre, Desk, serving
from tests.made_archives import archive_at
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.prefix import PREFIX

ENDPOINTS = sorted(key for key in endpoints.ENDPOINTS if not key[1].endswith("/stream"))
HEALTH = ("/healthz", "/readyz")  # nobody watches here: they say so in their own words
SOME = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["'; drop table alert;--", "${jndi:ldap://x}", "../../../etc/passwd", "\x00", "%s%n", "🔥",
         "9" * 30, "-1", "NaN", "Infinity", "true", "null", "[]", "\u202e", "<script>"]
    ),
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.one_of(
        st.sampled_from(["username", "password", "reason", "note", "seq", "rendered_at"]), WORDS
    ),
    VALUES,
    max_size=4,
)


@pytest.fixture(scope="module")
def leader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A leader's desk on a centre that holds one alert."""
    folder = tmp_path_factory.mktemp("hostile")
    archive = archive_at(folder / "archive.sqlite")
    centre = Centre(archive=archive, folder=folder)
    centre.add_user("truong-ca", Role.LEADER)
    centre.raise_alert()
    with serving(centre) as served, Desk(served.address) as desk:
        yield desk.log_in("truong-ca")
    archive.close()


def _is_ours(answer: httpx.Response) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code >= 400 and answer.status_code not in (416,):
        body = answer.json() if answer.headers["content-type"] == "application/json" else None
        if body is not None:
            is_health = answer.url.path in HEALTH and answer.status_code == 503
            assert body.keys() >= ({"status"} if is_health else {"error", "detail"})
            assert "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@SOME
@given(endpoint=st.sampled_from(ENDPOINTS), word=WORDS, body=VALUES)
def test_any_path_and_body(leader: Desk, endpoint: tuple[str, str], word: str, body: Any) -> None:
    method, path = endpoint
    if endpoint == ("DELETE", f"{PREFIX}/session"):
        return
    address = re.sub(r"\{[^}]*\}", _quoted(word), path)
    headers = {"X-CSRF-Token": leader.csrf, "Idempotency-Key": "k", "If-Match": "1"}
    content = None if method == "GET" else json.dumps(body)
    headers["Content-Type"] = "application/json"
    _is_ours(leader.request(method, address, headers=headers, content=content))


@SOME
@given(action=st.sampled_from(["acknowledge", "confirm", "reject", "rendered"]), body=FIELDS)
def test_any_fields_in_a_command(leader: Desk, action: str, body: dict[str, Any]) -> None:
    alert_id = leader.get(f"{PREFIX}/alerts").json()["items"][0]["id"]
    _is_ours(
        leader.post(
            f"{PREFIX}/alerts/{alert_id}/{action}",
            headers={
                "X-CSRF-Token": leader.csrf,
                "Idempotency-Key": "k",
                "If-Match": "1",
                "Content-Type": "application/json",
            },
            content=json.dumps(body),  # with Infinity, which JSON does not know
        )
    )


@SOME
@given(
    query=st.dictionaries(
        st.sampled_from(["state", "kind", "camera", "since", "until", "limit", "cursor", "x"]),
        st.one_of(WORDS, st.lists(WORDS, max_size=3)),
        max_size=4,
    )
)
def test_any_query(leader: Desk, query: dict[str, Any]) -> None:
    _is_ours(leader.get(f"{PREFIX}/alerts", params=query))


@SOME
@given(
    name=st.sampled_from(
        ["If-Match", "Idempotency-Key", "X-CSRF-Token", "Cookie", "Range", "Accept-Language",
         "Last-Event-ID", "Origin", "Content-Type", "If-None-Match", "X-Forwarded-For"]
    ),
    value=st.binary(max_size=60),
)  # fmt: skip
def test_any_header(leader: Desk, name: str, value: bytes) -> None:
    clean = bytes(byte for byte in value if 32 <= byte != 127).strip()  # else it never leaves us
    alert_id = leader.get(f"{PREFIX}/alerts").json()["items"][0]["id"]
    headers: dict[str, Any] = {
        "X-CSRF-Token": leader.csrf, "Idempotency-Key": "k", "If-Match": "1"
    } | {name: clean}  # fmt: skip
    for path in (f"{PREFIX}/alerts/{alert_id}", "/"):
        _is_ours(leader.get(path, headers=headers))
    _is_ours(leader.post(f"{PREFIX}/alerts/{alert_id}/acknowledge", headers=headers, json={}))


def _quoted(word: str) -> str:
    return quote(word.encode("utf-8", "replace"), safe="") or "x"
