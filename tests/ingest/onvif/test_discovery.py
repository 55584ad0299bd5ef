"""Cameras are found on the addresses that are asked, whatever else answers."""

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

import pytest

from tests.ingest.onvif.ipycam_camera import running_ipycam
from thapcanh.ingest.onvif.discovery import GROUP, FoundDevice, discover, read_answer

QUESTION = "urn:uuid:1"
Reply = Callable[[str], list[bytes]]


def _answer(
    relates_to: str = QUESTION, xaddrs: str = "http://10.1.0.7/onvif/device_service"
) -> bytes:
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header>'
        f"<w:RelatesTo>{relates_to}</w:RelatesTo></e:Header><e:Body><d:ProbeMatches>"
        "<d:ProbeMatch><w:EndpointReference><w:Address>urn:uuid:cam</w:Address>"
        "</w:EndpointReference><d:Scopes>onvif://www.onvif.org/name/C%E1%BB%95ng%201 "
        "onvif://www.onvif.org/hardware/DS-2CD onvif://www.onvif.org/location/Hanoi</d:Scopes>"
        f"<d:XAddrs>{xaddrs}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
    ).encode()


@contextmanager
def _answering(address: str, port: int, reply: Reply) -> Iterator[int]:
    """Something at an address that answers each question in its own way."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((address, port))
        door.settimeout(0.05)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    question, sender = door.recvfrom(65_536)
                except TimeoutError:
                    continue
                asked = re.search(rb"MessageID>([^<]+)<", question)
                for answer in reply(asked[1].decode() if asked else ""):
                    door.sendto(answer, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            done.set()
            thread.join()


def _found(addresses: list[str], port: int, settle_s: float = 30.0) -> list[FoundDevice]:
    asked = [IPv4Address(one) for one in addresses]
    return asyncio.run(discover(asked, port=port, settle_s=settle_s))


def test_ipycam_is_found_by_its_address_and_keeps_its_endpoint() -> None:
    with running_ipycam(name="Cổng chính") as camera:
        first = _found(["127.0.0.1"], camera.discovery_port)
        again = _found(["127.0.0.1"], camera.discovery_port)
    assert [(one.service, one.endpoint) for one in first] == [
        (camera.login.service, camera.endpoint)
    ]
    assert first == again


def test_nobody_but_the_given_addresses_is_asked_or_believed() -> None:
    asked: list[str] = []

    def note(message_id: str) -> list[bytes]:
        asked.append(message_id)
        return [_answer(message_id)]

    with (
        _answering("127.0.0.1", 0, lambda message_id: [_answer(message_id)]) as port,
        _answering("127.0.0.2", port, note),
    ):
        found = _found(["127.0.0.1"], port)
    assert [one.address for one in found] == ["127.0.0.1"]
    assert asked == []


def test_an_answer_speaks_for_its_own_address_alone() -> None:
    elsewhere = "gopher://x http://169.254.169.254:80/latest?x=1#y"
    [device] = read_answer(_answer(xaddrs=elsewhere), "10.1.0.7", QUESTION)
    assert device.service == "http://10.1.0.7:80/latest"
    assert (device.name, device.hardware, device.location) == ("Cổng 1", "DS-2CD", "Hanoi")


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\xff" * 60_000, b"<a/>", _answer("urn:uuid:2"), _answer(xaddrs=""),
        _answer(xaddrs="http://[::1"), _answer() + b"x" * 20_000, b"<!DOCTYPE a>" + _answer(),
    ],
)  # fmt: skip
def test_what_is_no_answer_names_no_camera(answer: bytes) -> None:
    assert read_answer(answer, "10.1.0.7", QUESTION) == []


def test_nonsense_and_a_flood_do_not_hide_the_camera_beside_them() -> None:
    def flood(message_id: str) -> list[bytes]:
        return [b"<" * 100, _answer(message_id), *([b"<" * 100] * 500)]

    with (
        _answering("127.0.0.1", 0, lambda message_id: [_answer(message_id)] * 20) as port,
        _answering("127.0.0.3", port, flood),
    ):
        found = _found(["127.0.0.3", "127.0.0.1"], port)
    assert [one.address for one in found] == ["127.0.0.1", "127.0.0.3"]


@contextmanager
def _in_the_group(answers_from: str, port: int, heard: list[str]) -> Iterator[int]:
    """A camera that listens to the multicast group alone, and answers from an address."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth,
    ):
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.bind((GROUP, port))
        member = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        ear.settimeout(0.05)
        mouth.bind((answers_from, 0))
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    question, sender = ear.recvfrom(65_536)
                except TimeoutError:
                    continue
                asked = re.search(rb"MessageID>([^<]+)<", question)
                heard.append(asked[1].decode() if asked else "")
                mouth.sendto(_answer(heard[-1]), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(ear.getsockname()[1])
        finally:
            done.set()
            thread.join()


def test_a_camera_that_listens_to_the_group_alone_is_found_where_this_machine_was_asked() -> None:
    heard: list[str] = []
    with _in_the_group("127.0.0.5", 0, heard) as port:
        found = _found(["127.0.0.1", "127.0.0.5"], port, settle_s=1.0)
        assert [one.address for one in found] == ["127.0.0.5"]
        told = len(heard)
        assert _found(["127.0.0.5"], port, settle_s=0.2) == []  # this machine is not among them
        assert len(heard) == told


def test_who_answers_the_group_from_an_address_that_was_not_asked_is_not_believed() -> None:
    heard: list[str] = []
    with _in_the_group("127.0.0.9", 0, heard) as port:
        assert _found(["127.0.0.1", "127.0.0.5"], port, settle_s=0.5) == []
    assert heard
