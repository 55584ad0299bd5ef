"""A login provider that hangs or fails starves nobody."""

import itertools
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.test_floods import API, _until
from tests.patience import PATIENCE_S
from thapcanh.app.web_api.access.oidc_provider import FAILURES, REST_S, CircuitBreaker
from thapcanh.config.servers.login_providers import OidcConfig


def test_a_provider_that_hangs_starves_nobody(centre: Centre, officer: tuple[Desk, str]) -> None:
    desk, address = officer
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        issuer = f"http://127.0.0.1:{silent.getsockname()[1]}"
        oidc = OidcConfig(
            issuer=issuer, client_id="x", client_secret=SecretStr("y"),
            public_url="http://localhost", roles={"a": ("operator",)},
        )  # fmt: skip
        centre.site.replace(centre.site().model_copy(update={"oidc": oidc}))
        url = f"{address}{API}/oidc/login"
        with ThreadPoolExecutor(40) as crowd:
            going = [crowd.submit(httpx.get, url, trust_env=False, timeout=60) for _ in range(40)]
            _until(lambda: sum(one.done() for one in going) >= 36)  # refused at once
            for _ in range(5):
                assert desk.get(f"{API}/alerts", timeout=PATIENCE_S).status_code == 200
            got = sorted(one.result().status_code for one in going)
        assert got == [303] * 4 + [503] * 36
        _accepted(silent)
        answer = anonymous_get(url)  # it is left alone now
        assert answer.headers["location"] == "/?sso=refused"
        assert _accepted(silent) == 0


def _accepted(server: socket.socket) -> int:
    """Take the connections that stand before a server; how many there were."""
    server.setblocking(False)
    for number in itertools.count():
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return number
    raise AssertionError


def test_a_provider_is_left_alone_after_failures_and_asked_again() -> None:
    breaker = CircuitBreaker()
    for _ in range(FAILURES - 1):
        breaker.failed(100.0)
        assert not breaker.is_open(100.0)
    breaker.failed(100.0)
    assert breaker.is_open(100.0 + REST_S - 1)
    assert not breaker.is_open(100.0 + REST_S)
    breaker.failed(200.0)  # one more is enough now
    assert breaker.is_open(201.0)
    breaker.succeeded()
    assert not breaker.is_open(201.0)


def test_a_wrong_code_does_not_shut_the_provider_out_for_others() -> None:
    from thapcanh.app.web_api.access.oidc_provider import OidcProvider

    provider = OidcProvider("http://127.0.0.1:9")

    def refused() -> Any:
        raise ValueError("invalid_grant")

    for _ in range(5):
        with pytest.raises(ValueError, match="invalid_grant"):
            provider.call(refused)
    assert provider.call(lambda: {"a": 1}) == {"a": 1}
