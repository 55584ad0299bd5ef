"""Asterisk's manager interface (AMI): one TCP connection, its greeting, login and messages.

Written here because `panoramisk` connects again by itself, also after `close()`, does not notice an
exchange that fell silent, and puts no bound on a message. The secret is not sent: the login answers
a challenge (MD5, as AMI defines it).
"""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from app.telephone.exchange import ExchangeError, ExchangeRefused, ExchangeUnreachable
from config.devices import ExchangeConfig

PING_EVERY_S = 10.0
SILENT_S = 30.0
_GREETING = b"Asterisk Call Manager"
_MOST_FIELDS = 200
_MOST_BYTES = 16_384  # a line

Message = Mapping[str, str]


class AmiConnection:
    """A connection that is logged in; owned by one task."""

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
        """Send one action."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in action.items())
        self._writer.write(lines.encode() + b"\r\n")
        await self._writer.drain()

    async def messages(self) -> AsyncIterator[Message]:
        """Messages until the connection ends; asks for a sign of life when it is quiet."""
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
        """The next answer; events before it are left."""
        while True:
            message = await self._message()
            if "response" in message:
                return message

    async def _message(self) -> Message:
        """One message; names are in lower case."""
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
async def ami_connection(exchange: ExchangeConfig) -> AsyncIterator[AmiConnection]:
    """A connection that is logged in. Raises `ExchangeError`, also for what breaks inside."""
    context = ssl.create_default_context() if exchange.tls else None
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(exchange.timeout_s):
            reader, writer = await asyncio.open_connection(
                exchange.host, exchange.port, ssl=context, limit=_MOST_BYTES
            )
            connection = AmiConnection(reader, writer)
            await connection.log_in(exchange.username, exchange.secret.get_secret_value())
        yield connection
    except ExchangeError:
        raise
    except TimeoutError:
        raise ExchangeUnreachable("the exchange does not answer") from None
    except OSError as error:
        raise ExchangeUnreachable(f"no connection: {error.strerror or error}") from None
    finally:
        if writer is not None:
            writer.close()
