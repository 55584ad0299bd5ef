"""ONVIF discovery of cameras among given addresses (WS-Discovery)."""

import asyncio
import logging
import socket
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from thapcanh.ingest.onvif.answers import XmlRefused, check_xml
from thapcanh.ingest.onvif.device import normal_mac
from thapcanh.ingest.onvif.records import plain_text

log = logging.getLogger(__name__)
PORT = 3702
GROUP = "239.255.255.250"
MOST_ADDRESSES = 4096
SETTLE_S = 2.5  # a camera may wait up to 0.5 s before it answers; slow ones are busy encoding
_CYCLES = 2  # datagrams get lost
_BURST = 50
_BURST_EVERY_S = 0.05
_MOST_DATAGRAMS = 8
_MOST_OF_ONE_ADDRESS = 4
_NEIGHBOURS = Path("/proc/net/arp")
MOST_ANSWER_BYTES = 16 << 10
_SCOPE = "onvif://www.onvif.org/"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDevice:
    """A camera that answered. `endpoint` stays the same when its address changes."""

    address: str
    service: str
    endpoint: str
    name: str
    hardware: str
    location: str
    mac: str | None = None


async def discover(
    addresses: Sequence[IPv4Address], *, port: int = PORT, settle_s: float = SETTLE_S
) -> list[FoundDevice]:
    """Probe these addresses, at most `MOST_ADDRESSES`; return cameras by address."""
    requested = [str(one) for one in addresses[:MOST_ADDRESSES]]
    message_id = f"urn:uuid:{uuid.uuid4()}"
    listening = _Listening(frozenset(requested), message_id)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: listening, local_addr=("0.0.0.0", 0))
    interfaces = _own_addresses(requested)
    try:
        for _ in range(_CYCLES):
            _request_group(transport, interfaces, port, probe_message(message_id))
            await _ask(transport, listening.silent(), port, probe_message(message_id))
            await listening.wait(settle_s)
    finally:
        transport.close()
    macs = _neighbours()
    found = [replace(one, mac=macs.get(one.address)) for one in listening.found.values()]
    return sorted(found, key=lambda one: IPv4Address(one.address))


def probe_message(message_id: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<e:Envelope xmlns:e="{_SOAP}" xmlns:w="{_ADDRESSING}" xmlns:d="{_DISCOVERY}" '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>'
        f"<w:MessageID>{message_id}</w:MessageID>"
        "<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"
        f"<w:Action>{_DISCOVERY}/Probe</w:Action></e:Header><e:Body><d:Probe>"
        "<d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
    ).encode()


def read_answer(content: bytes, sender: str, message_id: str) -> list[FoundDevice]:
    """Return the cameras that a response names; empty if it does not match this probe."""
    from lxml import etree

    if len(content) > MOST_ANSWER_BYTES:
        return []
    try:
        check_xml(content)
    except XmlRefused:
        return []
    tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    if _text(tree, "RelatesTo") != message_id:
        return []
    named = [_device(match, sender) for match in _below(tree, "ProbeMatch")]
    return [device for device in named if device is not None]


async def _ask(
    transport: asyncio.DatagramTransport, addresses: Sequence[str], port: int, message: bytes
) -> None:
    for start in range(0, len(addresses), _BURST):
        for address in addresses[start : start + _BURST]:
            transport.sendto(message, (address, port))
        await asyncio.sleep(_BURST_EVERY_S)


def _own_addresses(requested: Sequence[str]) -> list[str]:
    """Return this machine's own addresses among those requested, one for each network."""
    among, own = frozenset(requested), set()
    for sample in {one.rpartition(".")[0]: one for one in requested}.values():  # one of each /24
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            try:
                door.connect((sample, PORT))  # sends nothing
                own.add(str(door.getsockname()[0]))
            except OSError:
                continue
    return sorted(own & among)


def _request_group(
    transport: asyncio.DatagramTransport, interfaces: Sequence[str], port: int, message: bytes
) -> None:
    door = transport.get_extra_info("socket")
    for address in interfaces:
        try:
            door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
            door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        except OSError as error:
            log.info("no multicast from %s: %s", address, error)
            continue
        transport.sendto(message, (GROUP, port))


class _Listening(asyncio.DatagramProtocol):
    """Receiver of responses from probed addresses; limits how much each may send."""

    def __init__(self, requested: frozenset[str], message_id: str) -> None:
        self._silent = set(requested)
        self._may_send = dict.fromkeys(requested, _MOST_DATAGRAMS)
        self._message_id = message_id
        self._all_answered = asyncio.Event()
        self.found: dict[tuple[str, str], FoundDevice] = {}

    def silent(self) -> list[str]:
        """Return the probed addresses that have not answered."""
        return sorted(self._silent)

    async def wait(self, seconds: float) -> None:
        """Wait until all have answered, or for this long."""
        try:
            await asyncio.wait_for(self._all_answered.wait(), seconds)
        except TimeoutError:
            return

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Accept a response to our probe, from whatever port."""
        sender = addr[0]
        if self._may_send.get(sender, 0) <= 0:
            return
        self._may_send[sender] -= 1
        for device in read_answer(data, sender, self._message_id)[:_MOST_OF_ONE_ADDRESS]:
            self.found.setdefault((sender, device.endpoint), device)
            self._silent.discard(sender)
        if not self._silent:
            self._all_answered.set()

    def error_received(self, exc: Exception) -> None:
        """Ignore addresses without a listener: they are expected."""


def _neighbours(table: Path = _NEIGHBOURS) -> dict[str, str]:
    """MAC addresses of hosts on our own wire, as the kernel knows them after the question."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except (OSError, ValueError):
        return {}
    rows = [line.split() for line in lines]
    macs = {row[0]: normal_mac(row[3]) for row in rows if len(row) > 3}
    return {address: mac for address, mac in macs.items() if mac and mac != "00:00:00:00:00:00"}


def _device(match: Any, sender: str) -> FoundDevice | None:
    service = _service(_text(match, "XAddrs").split(), sender)
    endpoint = plain_text(_text(match, "Address"))
    if service is None or not endpoint:
        return None
    scopes = _text(match, "Scopes").split()
    return FoundDevice(
        address=sender,
        service=service,
        endpoint=endpoint,
        name=_scope(scopes, "name"),
        hardware=_scope(scopes, "hardware"),
        location=_scope(scopes, "location"),
    )


def _service(addresses: list[str], sender: str) -> str | None:
    for text in addresses:
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname and len(text) <= 500:
            host = sender if port is None else f"{sender}:{port}"
            return urlunsplit((parts.scheme, host, parts.path, "", ""))
    return None


def _scope(scopes: list[str], name: str) -> str:
    first = f"{_SCOPE}{name}/"
    found = [scope[len(first) :] for scope in scopes if scope.startswith(first)]
    return plain_text(unquote(found[0])) if found else ""


def _text(tree: Any, name: str) -> str:
    return next(((found.text or "").strip() for found in _below(tree, name)), "")


def _below(tree: Any, name: str) -> Iterator[Any]:
    """Return elements by local name: the namespace differs between versions."""
    return iter(tree.iter(f"{{*}}{name}"))
