"""A real SMTP server (aiosmtpd) on a local port, with STARTTLS and a login, or neither."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.patience import PATIENCE_S

USER, PASSWORD = "canh-bao", "mat?khau/@:dai"


class MailServer:
    """`answer` says what becomes of each mail: an SMTP reply to its data."""

    def __init__(
        self,
        *,
        answer: Callable[[EmailMessage], str] = lambda _: "250 taken",
        certificate: Path | None = None,
        most_bytes: int | None = None,
    ) -> None:
        self.answer = answer
        self._most_bytes = most_bytes  # told to those who connect; more is refused before its data
        self.refused: set[str] = set()  # receivers
        self.taken: list[EmailMessage] = []
        self.receivers: list[list[str]] = []
        self._transports: list[Any] = []
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(PATIENCE_S)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox: topsecret"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        reply = self.answer(mail)
        if reply.startswith("250"):
            self.taken.append(mail)
            self.receivers.append(list(envelope.rcpt_tos))
        return reply

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._listen())
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._hang_up())
        self._loop.close()

    async def _hang_up(self) -> None:
        """Cut every connection, and those whose TLS failed too."""
        for transport in self._transports:
            transport.abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.01)

    async def _listen(self) -> asyncio.Server:
        transports = self._transports

        class Connection(SMTP):  # type: ignore[misc]
            def connection_made(self, transport: Any) -> None:
                transports.append(transport)
                super().connection_made(transport)

        def protocol() -> Any:
            return Connection(
                self,
                hostname="mail.example",
                data_size_limit=self._most_bytes,
                tls_context=self._tls,
                authenticator=self._is_registered if self._tls else None,
                auth_required=self._tls is not None,
                auth_require_tls=True,
                loop=self._loop,
            )

        return await self._loop.create_server(protocol, "127.0.0.1", 0)

    def _is_registered(self, _: Any, __: Any, ___: Any, ____: Any, login: Any) -> AuthResult:
        assert isinstance(login, LoginPassword)
        known = (USER.encode(), PASSWORD.encode())
        return AuthResult(success=(login.login, login.password) == known, handled=False)
