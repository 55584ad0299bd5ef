"""Cameras found on the site's networks, matched with the registry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any
from urllib.parse import urlsplit

from thapcanh.alerts.registry.records import EntryKind
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.registry.export import every_entry
from thapcanh.config.registry.entries import SOURCES
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.ingest.address_guard import AddressRefused, Refusal, onvif_services
from thapcanh.ingest.onvif.discovery import MOST_ADDRESSES, FoundDevice

_CODES = {
    Refusal.NOWHERE: "no_network",
    Refusal.OUTSIDE: "outside",
    Refusal.NO_HOST: "outside",
    Refusal.THIS_MACHINE: "outside",
    Refusal.UNKNOWN: "name",
}
SETTING = "[networks] onvif"


class FindingRefused(Exception):
    """A refused query; the message names the setting that would allow it.

    `code` and its facts serve translations.
    """

    def __init__(self, message: str, code: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredCamera:
    """A registered camera, as far as it can be recognised on a network."""

    id: str
    agency: str | None
    area: str | None
    hosts: frozenset[str]
    endpoint: str | None
    mac: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCamera:
    """A camera that answered. `moved`: the registry has another address."""

    device: FoundDevice
    known: RegisteredCamera | None = None
    moved: bool = False


def addresses_to_query(
    allowed: Sequence[IPv4Network], network_value: IPv4Network | None
) -> list[IPv4Address]:
    """Return the addresses of a part of the allowed networks, or all. Raises `FindingRefused`."""
    if not allowed:
        raise FindingRefused(f"{SETTING} names no network", "no_network")
    if network_value is not None and not any(
        network_value.subnet_of(network) for network in allowed
    ):
        raise FindingRefused(
            f"{network_value} is outside {SETTING}", "outside", where=network_value
        )
    networks = [network_value] if network_value is not None else list(allowed)
    if sum(network.num_addresses for network in networks) > MOST_ADDRESSES:
        raise FindingRefused(
            f"more than {MOST_ADDRESSES} addresses: choose a smaller network",
            "too_many",
            most=MOST_ADDRESSES,
        )
    return list(dict.fromkeys(host for network in networks for host in network.hosts()))


def check_service(service: str, networks: NetworksConfig) -> None:
    """Raise `FindingRefused` if this address may not be queried."""
    host = host_of(service)
    if not host or urlsplit(service).scheme not in ("http", "https"):
        shown = service[:200]
        raise FindingRefused(f"{shown!r} is no http:// address", "not_http", where=shown)
    try:
        onvif_services(networks).judged(host)
    except AddressRefused as refused:
        raise FindingRefused(str(refused), _CODES[refused.refusal], where=host) from None


def registered_cameras(repository: RegistryRepository) -> list[RegisteredCamera]:
    entries = every_entry(repository, EntryKind.CAMERAS, EVERYTHING)
    return [registered_camera(entry.id, entry.document or {}) for entry in entries]


def registered_camera(name: str, document: Any) -> RegisteredCamera:
    """Return one registered camera from its table."""
    link = document.get("onvif") or {}
    addresses = [document.get(key) for key in SOURCES] + [link.get("service")]
    return RegisteredCamera(
        id=name,
        agency=document.get("agency"),
        area=document.get("area"),
        hosts=frozenset(host for item in addresses if (host := host_of(item))),
        endpoint=link.get("endpoint"),
        mac=link.get("mac"),
    )


def recognised(
    devices: Iterable[FoundDevice], known: Sequence[RegisteredCamera]
) -> list[FoundCamera]:
    by_endpoint = {item.endpoint: item for item in known if item.endpoint}
    by_mac = {item.mac: item for item in known if item.mac}
    by_host = {host: item for item in known for host in item.hosts}
    found = []
    for device in devices:
        same = by_endpoint.get(device.endpoint) or by_mac.get(device.mac or "")
        camera = same or by_host.get(device.address)
        moved = same is not None and device.address not in same.hosts
        found.append(FoundCamera(device=device, known=camera, moved=moved))
    return found


def host_of(address: object) -> str | None:
    """Return the host of a camera's address, or None."""
    try:
        return urlsplit(address).hostname if isinstance(address, str) else None
    except ValueError:
        return None
