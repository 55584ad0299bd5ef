"""Where addresses may lead, for each purpose, and that a name leads where it was judged."""

import ast
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network

import pytest
import requests

from tests.patience import PATIENCE_S
from tests.source_trees import modules_with
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.ingest import address_guard
from thapcanh.ingest.address_guard import (
    AddressGuard,
    AddressPolicy,
    AddressRefused,
    Otherwise,
    Refusal,
    added_cameras,
    is_address,
    is_own,
    means_this_machine,
    onvif_services,
    servers,
    tried_addresses,
    watched_cameras,
)
from thapcanh.ingest.guarded_http import guarded

OTHER = "10.1.2.3"
LINK_LOCAL = "169.254.169.254"

NAMES = {
    "cam.local": [OTHER],
    "far.local": ["10.9.9.9"],
    "here.local": ["127.0.0.1"],
    "metadata.local": [LINK_LOCAL],
    "mixed.local": ["10.1.2.4", "127.0.0.1"],
    "127.1": ["127.0.0.1"],
}


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_guard, "resolved", lambda host: NAMES.get(host, []))
    monkeypatch.setattr(AddressGuard.__init__, "__defaults__", (lambda host: NAMES.get(host, []),))


def _refusal(guard: AddressGuard, host: str) -> Refusal | None:
    try:
        guard.judged(host)
    except AddressRefused as refused:
        return refused.refusal
    return None


FREE, WALLED = (
    NetworksConfig(),
    NetworksConfig(
        cameras=(ip_network("10.1.0.0/16"),),
        onvif=(ip_network("10.1.0.0/16"),),
        servers=(ip_network("10.1.0.0/16"), ip_network("127.0.0.0/8")),
    ),
)
"""Nothing is said of networks; each purpose has its own."""

NOWHERE, OUTSIDE, HERE, UNKNOWN, NO_HOST = (
    Refusal.NOWHERE, Refusal.OUTSIDE, Refusal.THIS_MACHINE, Refusal.UNKNOWN, Refusal.NO_HOST
)  # fmt: skip
HOSTS = (
    "10.1.2.3", "cam.local", "far.local", "127.0.0.1", "localhost.", "here.local", "127.1",
    "::ffff:127.0.0.1", LINK_LOCAL, "metadata.local", "mixed.local", "nobody.local", "0.0.0.0",
)  # fmt: skip


@pytest.mark.parametrize(
    ("make", "networks", "refusals"),
    [
        (added_cameras, FREE, (None, None, None, HERE, UNKNOWN, HERE, HERE, HERE, NO_HOST,
                               NO_HOST, HERE, UNKNOWN, NO_HOST)),
        (added_cameras, WALLED, (None, None, OUTSIDE, OUTSIDE, UNKNOWN, OUTSIDE, OUTSIDE, OUTSIDE,
                                 NO_HOST, NO_HOST, OUTSIDE, UNKNOWN, NO_HOST)),
        (servers, FREE, (None, None, None, None, UNKNOWN, HERE, HERE, None, NO_HOST,
                         NO_HOST, HERE, UNKNOWN, NO_HOST)),
        (servers, WALLED, (None, None, OUTSIDE, None, UNKNOWN, None, None, None, NO_HOST,
                           NO_HOST, None, UNKNOWN, NO_HOST)),
        (onvif_services, FREE, (NOWHERE, UNKNOWN, UNKNOWN, NOWHERE, UNKNOWN, UNKNOWN, UNKNOWN,
                                NOWHERE, NOWHERE, UNKNOWN, UNKNOWN, UNKNOWN, NOWHERE)),
        (onvif_services, WALLED, (None, UNKNOWN, UNKNOWN, OUTSIDE, UNKNOWN, UNKNOWN, UNKNOWN,
                                  OUTSIDE, NO_HOST, UNKNOWN, UNKNOWN, UNKNOWN, NO_HOST)),
        (lambda _: watched_cameras(()), FREE, (None, None, None, None, UNKNOWN, HERE, HERE, None,
                                               None, None, None, UNKNOWN, None)),
        (lambda one: watched_cameras(one.cameras), WALLED,
         (None, None, OUTSIDE, None, UNKNOWN, OUTSIDE, OUTSIDE, None, None, OUTSIDE, None, UNKNOWN,
          None)),
    ],
)  # fmt: skip
def test_each_purpose_has_its_own_networks_however_an_address_is_written(
    make: Callable[[NetworksConfig], AddressGuard],
    networks: NetworksConfig,
    refusals: Sequence[Refusal | None],
) -> None:
    guard = make(networks)
    assert {host: _refusal(guard, host) for host in HOSTS} == dict(
        zip(HOSTS, refusals, strict=True)
    )


def test_a_network_that_holds_every_address_does_not_hold_this_machine() -> None:
    everything = NetworksConfig(servers=(ip_network("0.0.0.0/0"), ip_network("::/0")))
    guard = servers(everything)
    assert _refusal(guard, OTHER) is None
    assert _refusal(guard, "127.0.0.1") is OUTSIDE
    assert _refusal(guard, "::ffff:127.0.0.1") is OUTSIDE
    assert _refusal(guard, LINK_LOCAL) is NO_HOST


def test_of_a_watched_cameras_addresses_only_those_are_taken_that_may_be() -> None:
    assert watched_cameras(()).judged("mixed.local") == ["10.1.2.4"]


def _rebound(answers: list[list[str]]) -> AddressGuard:
    """A guard whose name leads elsewhere each time that it is looked up."""
    policy = AddressPolicy(otherwise=Otherwise.AS_WRITTEN, networks=(ip_network("127.0.0.1/32"),))
    return AddressGuard(policy, lambda _: answers.pop(0))


def test_a_name_leads_where_it_was_judged_and_is_not_looked_up_again() -> None:
    """By requests too: a name that is rebound in between reached this machine's other doors."""
    with socket.create_server(("127.0.0.1", 0)) as right:
        port = right.getsockname()[1]
        guard = _rebound([["127.0.0.1"], ["127.0.0.2"]])
        with guard.connect("name.local", port, 2.0) as line:
            assert line.getpeername() == ("127.0.0.1", port)
        with requests.Session() as session:
            session.trust_env = False
            guarded(session, guard)
            with pytest.raises(AddressRefused, match=r"127\.0\.0\.2"):
                session.get(f"http://name.local:{port}/", timeout=PATIENCE_S)


def test_a_host_says_itself_whether_this_machine_is_meant() -> None:
    assert all(map(means_this_machine, ("localhost", "a.localhost", "127.0.0.9", "::1")))
    assert not any(map(means_this_machine, ("here.local", "10.1.2.3", "localhost.example")))
    assert is_address("10.1.2.3")
    assert not is_address("127.1")


JUDGES = frozenset(
    {"ip_address", "is_private", "is_loopback", "is_link_local", "is_global", "is_multicast"}
)
LOOKS_UP = frozenset({"getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"})
CONNECTS = frozenset(
    {"HTTPConnection", "HTTPSConnection", "AsyncConnectionPool", "PoolManager", "ClientSession",
     "Session", "OAuth2Session", "urlopen", "Client", "AsyncClient", "open_connection",
     "create_client", "SMTP"}
)  # fmt: skip
"""What judges addresses, looks names up, or makes a connection to somewhere."""

OWNERS = {
    "ingest/address_guard.py": JUDGES | LOOKS_UP,
    "alerts/delivery/mqtt_connection.py": {"create_connection"},  # at the address that was judged
    "alerts/delivery/targets/cot.py": {"open_connection"},  # likewise
    "alerts/delivery/webhook_sender.py": {"ClientSession"},  # by a `GuardedConnector`
    "app/process/admission.py": JUDGES,  # whose share it is; nothing is connected to
    "app/web_api/access/oidc_provider.py": {"Session"},  # `guarded`
    "app/web_api/access/oidc_client.py": {"OAuth2Session"},  # `guarded`
    "app/evidence/log_heads.py": {"Session"},  # `guarded`
    "app/links/link_client.py": {"Session", "means_this_machine"},  # `guarded`
    "app/cap/feed_client.py": {"ClientSession"},  # by `GuardedConnector`
    "alerts/evidence/stores/s3_connection.py": {"Session", "create_client"},  # `guarded_pool`
    "ingest/onvif/transport.py": {"ClientSession"},  # a service in digits, judged before a login
    "ingest/sources/schemes/http.py": {"HTTPConnection"},  # handed a connection that was judged
    "app/telephone/asterisk.py": {"open_connection"},  # at the address that was judged
    "app/live/process/child.py": {"open_connection"},  # a pair of sockets
    "app/live/process/connection.py": {"open_connection"},  # a pair of sockets
    "app/library/followed_alert.py": {"Session"},  # the centre that a program itself names
    "app/cli/run.py": {"HTTPConnection", "HTTPSConnection"},  # the centre on this machine
}
"""Each file that may do one of these, and why its connections are judged."""


def _called(tree: ast.AST) -> set[str]:
    nodes = list(ast.walk(tree))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    by_name = {one.id for one in called if isinstance(one, ast.Name)}
    by_module = {one.attr for one in called if isinstance(one, ast.Attribute)}
    asked = {one.attr for one in nodes if isinstance(one, ast.Attribute)} & JUDGES
    return by_name | by_module | asked


def test_nobody_else_judges_an_address_looks_a_name_up_or_makes_a_connection() -> None:
    """Five guards judged them apart, and three clients had none."""
    found = {}
    for name, tree in modules_with(*JUDGES, *LOOKS_UP, *CONNECTS):
        if extra := _called(tree) & (JUDGES | LOOKS_UP | CONNECTS):
            found[name] = extra
    assert found.keys() == OWNERS.keys()
    assert {name: done - OWNERS[name] for name, done in found.items() if done - OWNERS[name]} == {}


WRAPPED = ("::ffff:{}", "::{}", "64:ff9b::{}", "64:ff9b:1::{}")
"""As mapped and compatible addresses, and by the translators' prefixes of RFC 6052 and 8215."""
WRITTEN = tuple(
    form.format(inner) for form in WRAPPED for inner in ("127.0.0.1", LINK_LOCAL, "0.0.0.0")
)
TUNNELLED = (
    "2002:7f00:1::1",  # 6to4 to 127.0.0.1
    "2002:a9fe:a9fe::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo to 127.0.0.1
)


@pytest.mark.parametrize("host", [*WRITTEN, *TUNNELLED])
def test_an_ipv4_address_written_into_an_ipv6_address_passed_the_guard(host: str) -> None:
    """By a NAT64 prefix this machine and the link-local metadata were another network's."""
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    for guard in (
        added_cameras(FREE),
        servers(NetworksConfig(servers=everything)),
        tried_addresses((), NetworksConfig(probe=everything), lambda _: []),
    ):
        assert _refusal(guard, host) is not None, host
    assert is_own(ip_address(host))


def test_networks_hold_what_is_written_into_an_address_and_the_translators_own() -> None:
    inside = servers(WALLED)
    for form in WRAPPED:
        assert _refusal(inside, form.format("10.1.2.3")) is None
        assert _refusal(inside, form.format("10.9.9.9")) is OUTSIDE
    translated = servers(NetworksConfig(servers=(ip_network("64:ff9b::/96"),)))
    assert _refusal(translated, "64:ff9b::10.9.9.9") is None
    assert _refusal(translated, "10.9.9.9") is OUTSIDE
    assert _refusal(translated, "64:ff9b::127.0.0.1") is OUTSIDE
    mapped = servers(NetworksConfig(servers=(ip_network("::ffff:10.1.0.0/112"),)))
    assert (_refusal(mapped, "::ffff:10.1.2.3"), _refusal(mapped, "10.1.2.3")) == (None, None)


def test_beside_a_camera_behind_a_translator_stands_its_own_network_alone() -> None:
    """Its /64 was every IPv4 address there is."""
    guard = tried_addresses([("64:ff9b::10.1.2.3", 554)], FREE, lambda _: [])
    assert _refusal(guard, "64:ff9b::10.1.2.9") is None
    assert _refusal(guard, "10.1.2.9") is None
    assert _refusal(guard, "64:ff9b::10.9.9.9") is OUTSIDE
