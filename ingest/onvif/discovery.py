"""Finds cameras by asking each given address whether it is one, and believing nobody else.

The question goes to every address by itself. Some cameras listen to the multicast group alone, so
it goes there too, where this machine stands among the given addresses: on that wire, and no router
passes it on. Answers of others are not read. Runs on an event loop, for some seconds.
"""

import asyncio
import logging
import socket
import uuid
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

from ingest.onvif.device import normal_mac
from ingest.onvif.probe_message import FoundDevice, probe_message, read_answer

log = logging.getLogger(__name__)

PORT = 3702
GROUP = "239.255.255.250"
MOST_ADDRESSES = 4096
SETTLE_S = 2.5  # a camera may wait up to 0.5 s before it answers; slow ones are busy encoding
_ROUNDS = 2  # datagrams get lost
_BURST = 50
_BURST_EVERY_S = 0.05
_MOST_DATAGRAMS = 8
_MOST_OF_ONE_ADDRESS = 4
_NEIGHBOURS = Path("/proc/net/arp")


async def discover(
    addresses: Sequence[IPv4Address], *, port: int = PORT, settle_s: float = SETTLE_S
) -> list[FoundDevice]:
    """Ask these addresses, at most `MOST_ADDRESSES`; return the cameras in order of address."""
    asked = [str(one) for one in addresses[:MOST_ADDRESSES]]
    message_id = f"urn:uuid:{uuid.uuid4()}"
    listening = _Listening(frozenset(asked), message_id)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: listening, local_addr=("0.0.0.0", 0))
    interfaces = _own_addresses(asked)
    try:
        for _ in range(_ROUNDS):
            _ask_group(transport, interfaces, port, probe_message(message_id))
            await _ask(transport, listening.silent(), port, probe_message(message_id))
            await listening.wait(settle_s)
    finally:
        transport.close()
    macs = _neighbours()
    found = [replace(one, mac=macs.get(one.address)) for one in listening.found.values()]
    return sorted(found, key=lambda one: IPv4Address(one.address))


async def _ask(
    transport: asyncio.DatagramTransport, addresses: Sequence[str], port: int, message: bytes
) -> None:
    for start in range(0, len(addresses), _BURST):
        for address in addresses[start : start + _BURST]:
            transport.sendto(message, (address, port))
        await asyncio.sleep(_BURST_EVERY_S)


def _own_addresses(asked: Sequence[str]) -> list[str]:
    """The addresses of this machine that are among those asked: one for each wire they are on."""
    among, own = frozenset(asked), set()
    for sample in {one.rpartition(".")[0]: one for one in asked}.values():  # one of each /24
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            try:
                door.connect((sample, PORT))  # sends nothing
                own.add(str(door.getsockname()[0]))
            except OSError:
                continue
    return sorted(own & among)


def _ask_group(
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
    """Keeps the answers of those that were asked; who sends too many is not read on."""

    def __init__(self, asked: frozenset[str], message_id: str) -> None:
        self._silent = set(asked)
        self._may_send = dict.fromkeys(asked, _MOST_DATAGRAMS)
        self._message_id = message_id
        self._all_answered = asyncio.Event()
        self.found: dict[tuple[str, str], FoundDevice] = {}

    def silent(self) -> list[str]:
        """Who was asked and has not answered."""
        return sorted(self._silent)

    async def wait(self, seconds: float) -> None:
        """Until everybody has answered, or so long."""
        try:
            await asyncio.wait_for(self._all_answered.wait(), seconds)
        except TimeoutError:
            return

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take what is an answer to our question, from whatever port it comes."""
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
        """Nobody listens at some address: that is what was asked."""


def _neighbours(table: Path = _NEIGHBOURS) -> dict[str, str]:
    """MAC addresses of hosts on our own wire, as the kernel knows them after the question."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except (OSError, ValueError):
        return {}
    rows = [line.split() for line in lines]
    macs = {row[0]: normal_mac(row[3]) for row in rows if len(row) > 3}
    return {address: mac for address, mac in macs.items() if mac and mac != "00:00:00:00:00:00"}
