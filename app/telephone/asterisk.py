"""Asterisk adapter: events of its manager interface (AMI) in, call notices out.

The AMI client is written here because `panoramisk` reconnects by itself even after `close()`,
misses a silent exchange, and does not bound messages. The login is a challenge (MD5, as AMI defines
it), so the secret is not sent.
"""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from thapcanh.alerts.calls.incoming_calls import CallNotice
from thapcanh.app.telephone.exchange import (
    ExchangeError,
    ExchangeRefused,
    ExchangeUnreachable,
    ReceivedCall,
)
from thapcanh.config.devices import ExchangeConfig
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused

_MOST_CALLS = 2000

OnCall = Callable[[ReceivedCall], Awaitable[None]]
PING_EVERY_S = 10.0
SILENT_S = 30.0
_GREETING = b"Asterisk Call Manager"
_MOST_FIELDS = 200
_MOST_BYTES = 16_384  # a line

Message = Mapping[str, str]


class AmiConnection:
    """Logged-in connection, owned by one task."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def log_in(self, username: str, secret: str) -> None:
        """Log in for events of calls. Raises `ExchangeError`."""
        greeting = await self._line()
        if not greeting.startswith(_GREETING):
            raise ExchangeRefused("what answers there is no Asterisk manager interface")
        await self.send({"Action": "Challenge", "AuthType": "MD5"})
        challenge = (await self._response()).get("challenge", "")
        key = hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
        login = {"Action": "Login", "AuthType": "MD5", "Username": username, "Key": key}
        await self.send({**login, "Events": "call"})
        if (await self._response()).get("response") != "Success":
            raise ExchangeRefused("the exchange does not accept our login")

    async def send(self, action: Message) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in action.items())
        self._writer.write(lines.encode() + b"\r\n")
        await self._writer.drain()

    async def messages(self) -> AsyncIterator[Message]:
        """Yield messages until the connection ends; pings it when it is quiet."""
        waiting_s = 0.0
        message = asyncio.ensure_future(self._message())
        try:
            while True:
                done, _ = await asyncio.wait({message}, timeout=PING_EVERY_S)
                if done:
                    yield message.result()
                    waiting_s, message = 0.0, asyncio.ensure_future(self._message())
                    continue
                waiting_s += PING_EVERY_S
                if waiting_s >= SILENT_S:
                    raise ExchangeUnreachable("the exchange fell silent")
                await self.send({"Action": "Ping"})
        finally:
            message.cancel()

    async def _response(self) -> Message:
        """Return the next response, skipping events."""
        while True:
            message = await self._message()
            if "response" in message:
                return message

    async def _message(self) -> Message:
        found: dict[str, str] = {}
        while (line := (await self._line()).strip()) or not found:
            name, colon, value = line.decode(errors="replace").partition(":")
            if colon:
                found[name.strip().lower()] = value.strip()
            if len(found) > _MOST_FIELDS:
                raise ExchangeUnreachable("the exchange sends a message without an end")
        return found

    async def _line(self) -> bytes:
        try:
            line = await self._reader.readline()
        except ValueError:
            raise ExchangeUnreachable("the exchange sends a line without an end") from None
        if not line.endswith(b"\n"):
            raise ExchangeUnreachable("the exchange ended the connection")
        return line


@asynccontextmanager
async def ami_connection(
    exchange: ExchangeConfig, guard: AddressGuard
) -> AsyncIterator[AmiConnection]:
    """Yield a logged-in connection. Raises `ExchangeError`, also for failures inside the block."""
    context = ssl.create_default_context() if exchange.tls else None
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(exchange.timeout_s):
            address = (await guard.judged_on_loop(exchange.host, exchange.port))[0]
            reader, writer = await asyncio.open_connection(
                address,
                exchange.port,
                ssl=context,
                server_hostname=exchange.host if context else None,
                limit=_MOST_BYTES,
            )
            connection = AmiConnection(reader, writer)
            await connection.log_in(exchange.username, exchange.secret.get_secret_value())
        yield connection
    except ExchangeError:
        raise
    except AddressRefused as refused:
        raise ExchangeUnreachable(str(refused)) from None
    except TimeoutError:
        raise ExchangeUnreachable("the exchange does not answer") from None
    except OSError as error:
        raise ExchangeUnreachable(f"no connection: {error.strerror or error}") from None
    finally:
        if writer is not None:
            writer.close()


class AsteriskExchange:
    """Adapter owned by one task; its knowledge of calls survives reconnects."""

    def __init__(self, exchange: ExchangeConfig, guard: AddressGuard) -> None:
        self._exchange = exchange
        self._guard = guard
        self._calls: dict[str, ReceivedCall] = {}
        self._standing: set[str] = set()

    async def listen(self, on_call: OnCall, up: Callable[[], None]) -> None:
        """Connect, call `up` once it works, and report calls until it ends."""
        async with ami_connection(self._exchange, self._guard) as connection:
            up()
            await self._query_channels(connection)
            async for message in connection.messages():
                for notice in self._notices(message):
                    await on_call(notice)

    async def _query_channels(self, connection: AmiConnection) -> None:
        self._standing.clear()
        await connection.send({"Action": "CoreShowChannels"})

    def _notices(self, message: Message) -> list[ReceivedCall]:
        call_id = message.get("uniqueid", "")
        is_first = bool(call_id) and message.get("linkedid", call_id) == call_id
        match message.get("event"):
            case "Newchannel" if is_first:
                return self._started(call_id, message)
            case "CoreShowChannel" if is_first:
                self._standing.add(call_id)
                in_bridge = bool(message.get("bridgeid"))
                started = self._started(call_id, message)
                return started + (self._reported(call_id, CallNotice.ANSWERED) if in_bridge else [])
            case "CoreShowChannelsComplete":
                ended = [call for call in self._calls if call not in self._standing]
                return [notice for call in ended for notice in self._ended(call)]
            case "BridgeEnter":
                return self._reported(call_id, CallNotice.ANSWERED)
            case "Hangup":
                return self._ended(call_id)
        return []

    def _started(self, call_id: str, message: Message) -> list[ReceivedCall]:
        line = self._exchange.lines.get(message.get("exten", ""))
        if call_id in self._calls:
            return []
        if line is None or len(self._calls) >= _MOST_CALLS:
            return []
        caller = message.get("calleridnum") or None
        self._standing.add(call_id)
        notice = ReceivedCall(call_id=call_id, notice=CallNotice.BEGAN, line=line, caller=caller)
        self._calls[call_id] = notice
        return [notice]

    def _reported(self, call_id: str, notice: CallNotice) -> list[ReceivedCall]:
        call = self._calls.get(call_id)
        if call is None:
            return []
        return [ReceivedCall(call_id=call_id, notice=notice, line=call.line, caller=call.caller)]

    def _ended(self, call_id: str) -> list[ReceivedCall]:
        notice = self._reported(call_id, CallNotice.ENDED)
        self._calls.pop(call_id, None)
        self._standing.discard(call_id)
        return notice
