"""Networks that the site's programs may connect to (`[networks]`)."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from thapcanh.config.frozen import Frozen
from thapcanh.config.problem import ConfigProblem, Weight

Network = IPv4Network | IPv6Network

EARLIER_KEYS = (
    ("registry", "networks", "cameras"),
    ("onvif", "networks", "onvif"),
    ("centre", "probe_networks", "probe"),
)
"""Table and key in which a key of `[networks]` was written before, and still may be."""
_EARLIER = frozenset(table for table, _, _ in EARLIER_KEYS)


class NetworksConfig(Frozen):
    """The networks of each kind of address."""

    cameras: tuple[Network, ...] = ()
    """Where cameras that are added over the network may stand; empty: anywhere but here."""
    onvif: tuple[IPv4Network, ...] = ()
    """Where cameras are looked for and asked by ONVIF; empty: nowhere."""
    probe: tuple[Network, ...] = ()
    """Beside the cameras' own networks, where an address may be tried from the screens."""
    servers: tuple[Network, ...] = ()
    """Where webhooks, brokers, gateways, the login provider and S3 stores may stand; empty: where
    their addresses lead, but to this machine only where they say so."""


def with_networks(
    tables: dict[str, Any], file: str, problems: list[ConfigProblem]
) -> dict[str, Any]:
    """Return the tables with old keys moved; a key in both places is a problem."""
    found, networks = dict(tables), tables.get("networks", {})
    if not isinstance(networks, dict):
        return found
    networks = dict(networks)
    for table, key, now in _written(tables):
        found[table] = {name: value for name, value in found[table].items() if name != key}
        if now in networks:
            stated = f"is [networks] {now} now, which is written too: leave this one out"
            problems.append(
                ConfigProblem(file=file, path=f"{table}.{key}", message=stated, weight=Weight.FATAL)
            )
        networks.setdefault(now, tables[table][key])
    found = {name: table for name, table in found.items() if table != {} or name not in _EARLIER}
    return found | ({"networks": networks} if networks else {})


def _written(tables: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for table, key, now in EARLIER_KEYS:
        if isinstance(tables.get(table), dict) and key in tables[table]:
            yield table, key, now
