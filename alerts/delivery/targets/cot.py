"""Target `cot`: TAK's map in Cursor on Target (XML, event 2.0) over TLS, TCP or UDP."""

import asyncio
import ssl
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Protocol
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from pydantic import Field

from thapcanh.alerts.cap.words import ENDED
from thapcanh.alerts.delivery.attempt import DELIVERED, Attempt, failed, skipped
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.sender import PersonMessage, SiteVoice
from thapcanh.alerts.delivery.target_kind import TargetKind
from thapcanh.alerts.store.outbox.outgoing import TEST_TYPE, OutgoingEvent
from thapcanh.config.targets import Secret, TargetConfig
from thapcanh.config.wording import Wording
from thapcanh.ingest.address_guard import AddressRefused
from thapcanh.ingest.tcp_queue import unacknowledged_bytes

_PORTS = {"tls": 8089, "tcp": 8087, "udp": 4242}
_MARKER, _DELETE, _PING = "b-m-p-s-m", "t-x-d-d", "t-x-c-t"
_UNLISTED = "9999999.0"  # CoT's own word for a height or an error that nobody knows
_COLOURS = {1: "-65536", 2: "-256", 3: "-16711681"}  # red, yellow, cyan; ARGB as TAK writes it
_PING_STALE_S = 60.0
_POLL_S = 0.02
_GOODBYE_S = 1.0
_NO_PLACE = skipped("its place is not known: a map cannot show it")


class CotTarget(TargetConfig):
    """A TAK server or a client; `secret` is our certificate with its key, `ca` whom we believe."""

    schemes: ClassVar[tuple[str, ...]] = ("tls", "tcp", "udp")

    kind: Literal["cot"] = "cot"
    secret: Secret | None = None
    ca: str | None = Field(default=None, max_length=65_536)
    stale_s: float = Field(default=86_400.0, ge=60, le=7 * 86_400)
    """For how long a marker counts after the last thing told of it."""


class CotSender:
    """Sender owned by one task; it keeps its connection."""

    is_serial = True

    def __init__(self, target: CotTarget, voice: SiteVoice) -> None:
        self._target = target
        self._voice = voice
        self._line: _Line | None = None

    async def send(self, due: DueDelivery) -> Attempt:
        """Send one event; it is delivered when the peer has acknowledged it."""
        message = self._voice.said(due.event, "full")
        body = cot_event(due.event, message, due.id, self._target.stale_s)
        if body is None:
            return _NO_PLACE
        try:
            await (await self._connected()).write(body)
        except AddressRefused as error:
            return failed(str(error))
        except ssl.SSLCertVerificationError as error:
            return failed(f"its certificate is not trusted: {error.verify_message}")
        except OSError as error:
            await self.close()
            return failed(f"no connection: {error.strerror or error or type(error).__name__}")
        except (TimeoutError, asyncio.CancelledError):
            await self.close()
            raise
        return DELIVERED

    async def close(self) -> None:
        """Close the connection."""
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def _connected(self) -> "_Line":
        if self._line is None or self._line.is_over:
            await self.close()
            parts = urlsplit(self._target.url.reveal())
            host, scheme = parts.hostname or "", self._target.url.scheme
            port = parts.port or _PORTS[scheme]
            address = (await self._voice.guard.judged_on_loop(host, port))[0]
            if scheme == "udp":
                self._line = await _Datagrams.opened(address, port)
            else:
                context = _context(self._target) if scheme == "tls" else None
                self._line = await _Stream.opened(address, port, context, host)
        return self._line


class _Line(Protocol):
    """A way to the receiver."""

    @property
    def is_over(self) -> bool: ...

    async def write(self, body: bytes) -> None: ...

    async def close(self) -> None: ...


class _Stream:
    """TCP connection, plain or TLS; incoming data are discarded."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._socket = writer.get_extra_info("socket")  # the writer forgets it when it ends
        self._reading = asyncio.create_task(_drop(reader))

    @classmethod
    async def opened(
        cls, address: str, port: int, context: ssl.SSLContext | None, host: str
    ) -> "_Stream":
        name = None if context is None else host
        return cls(*await asyncio.open_connection(address, port, ssl=context, server_hostname=name))

    @property
    def is_over(self) -> bool:
        return self._reading.done()

    async def write(self, body: bytes) -> None:
        self._writer.write(body)
        await self._writer.drain()
        while self._waits():
            if self.is_over:
                raise ConnectionResetError("the receiver ended the connection")
            await asyncio.sleep(_POLL_S)

    async def close(self) -> None:
        self._reading.cancel()
        self._writer.close()
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):  # a server that is gone says no goodbye
            self._writer.transport.abort()

    def _waits(self) -> bool:
        """Return whether sent bytes are unacknowledged. Raise `ConnectionResetError` if closed."""
        if self._writer.transport.get_write_buffer_size():
            return True
        number = self._socket.fileno()
        if number < 0:
            raise ConnectionResetError("the receiver ended the connection")
        return unacknowledged_bytes(number) > 0


class _Datagrams:
    is_over = False

    def __init__(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    @classmethod
    async def opened(cls, address: str, port: int) -> "_Datagrams":
        loop = asyncio.get_running_loop()
        made = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=(address, port)
        )
        return cls(made[0])

    async def write(self, body: bytes) -> None:
        self._transport.sendto(body)

    async def close(self) -> None:
        self._transport.close()


async def _drop(reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        while await reader.read(65_536):
            pass


def _context(target: CotTarget) -> ssl.SSLContext:
    """Raise `SSLError` where what was given is no certificate."""
    context = ssl.create_default_context(cadata=target.ca)
    if target.secret is not None:
        with tempfile.NamedTemporaryFile() as file:  # readable by us alone; the library reads files
            file.write(target.secret.get_secret_value().encode())
            file.flush()
            context.load_cert_chain(file.name)
    return context


def cot_event(
    event: OutgoingEvent, message: PersonMessage, delivery_id: str, stale_s: float
) -> bytes | None:
    """Return the event as CoT; None if a marker has no place."""
    if event.type == TEST_TYPE:
        return _written(f"thapcanh.{event.subject}", _PING, event.at, _PING_STALE_S)
    uid = "thapcanh." + event.subject.replace("/", ".")
    if event.data.get("state") in ENDED:
        return _deleted(uid, delivery_id, event.at)
    place = (event.data.get("lat"), event.data.get("lon"))
    if None in place:
        return None
    detail = ET.Element("detail")
    ET.SubElement(detail, "contact", callsign=_plain(message.title))
    ET.SubElement(detail, "remarks").text = _plain(message.text)
    ET.SubElement(detail, "color", argb=_COLOURS.get(event.priority, _COLOURS[3]))
    facts = {"id": event.subject, "type": event.type, "kind": event.kind}
    more = {"priority": event.priority, "exercise": event.exercise}
    reported = {name: str(one) for name, one in {**facts, **more, **_facts(event)}.items()}
    ET.SubElement(detail, "thapcanh", {name: _plain(one) for name, one in reported.items()})
    return _written(uid, _MARKER, event.at, stale_s, place=place, detail=detail)


def _facts(event: OutgoingEvent) -> dict[str, Any]:
    named = ("number", "state", "camera_id")
    return {one: event.data[one] for one in named if event.data.get(one) is not None}


def _deleted(uid: str, delivery_id: str, at: float) -> bytes:
    detail = ET.Element("detail")
    ET.SubElement(detail, "link", uid=uid, relation="p-p", type=_MARKER)
    ET.SubElement(detail, "__forcedelete")
    return _written(f"thapcanh.delete.{delivery_id}", _DELETE, at, _PING_STALE_S, detail=detail)


def _written(
    uid: str,
    kind: str,
    at: float,
    stale_s: float,
    *,
    place: tuple[Any, Any] = (0.0, 0.0),
    detail: ET.Element | None = None,
) -> bytes:
    times = {"time": _time(at), "start": _time(at), "stale": _time(at + stale_s)}
    facts = {"version": "2.0", "uid": uid, "type": kind, "how": "m-g", **times}
    event = ET.Element("event", facts)
    lat, lon = (f"{float(one):.7f}" for one in place)
    ET.SubElement(event, "point", lat=lat, lon=lon, hae=_UNLISTED, ce=_UNLISTED, le=_UNLISTED)
    event.append(ET.Element("detail") if detail is None else detail)
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    body: bytes = ET.tostring(event, encoding="utf-8")
    return head + body  # and nothing behind it: the next one's first line must come first


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _plain(text: str) -> str:
    """Return the text without characters that XML cannot hold."""
    return "".join(
        one for one in text if one in "\t\n" or (one >= " " and one not in "\ufffe\uffff")
    )


def _sender(target: CotTarget, voice: SiteVoice) -> CotSender:
    return CotSender(target, voice)


TARGET = TargetKind(
    settings=CotTarget,
    sender=_sender,
    name=Wording(vi="Bản đồ TAK (CoT)", en="TAK's map (CoT)"),
    address_hint="tls://tak.example:8089",
    setting_names={
        "secret": Wording(
            vi="Chứng thư của trung tâm kèm khóa (PEM)", en="Our certificate with its key (PEM)"
        ),
        "ca": Wording(
            vi="Chứng thư gốc của máy TAK (PEM; để trống: của hệ điều hành)",
            en="The TAK server's authority (PEM; empty: the system's)",
        ),
        "stale_s": Wording(vi="Dấu trên bản đồ còn hiệu lực (giây)", en="A marker counts for (s)"),
    },
    order=40,
)
