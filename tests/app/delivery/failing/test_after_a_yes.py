"""A receiver says yes and then hangs, drips or breaks off: nobody gets the message twice."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes

import pytest

from tests.app.delivery.http_gateway import Gateway
from tests.app.delivery.served import VOICE
from tests.app.delivery.test_people_are_told import FIRE, by_mail, people, sent
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.attempt import Attempt, AttemptOutcome
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.targets.apprise import AppriseSender, AppriseTarget

OF_JSON = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
_SAID = {b"EHLO": b"250 mail", b"MAIL": b"250 ok", b"RCPT": b"250 ok", b"DATA": b"354 go"}


class Scripted:
    """A TCP server: `talk` has each connection, in a thread of its own."""

    def __init__(self, talk: Callable[["Scripted", socket.socket], None]) -> None:
        self._talk = talk
        self._door = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self.port = int(self._door.getsockname()[1])
        self.taken: list[bytes] = []
        self.over = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        for each in (self._door, *self._lines):
            each.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._door.accept()
                self._lines.append(line)
                threading.Thread(target=self._one, args=(line,), daemon=True).start()

    def _one(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            self._talk(self, line)


@contextmanager
def scripted(talk: Callable[[Scripted, socket.socket], None]) -> Iterator[Scripted]:
    server = Scripted(talk)
    try:
        yield server
    finally:
        server.close()


def mail_server(
    *, goodbye: Callable[[Scripted, socket.socket], None], answers: dict[bytes, bytes] | None = None
) -> Callable[[Scripted, socket.socket], None]:
    """SMTP as scripted: what it says to a command, and what it does at QUIT."""
    said = _SAID | {b".": b"250 taken", b"": b"220 mail"} | (answers or {})

    def talk(server: Scripted, line: socket.socket) -> None:
        heard = line.makefile("rb")
        line.sendall(said[b""] + b"\r\n")
        for asked in heard:
            word = asked[:4].upper()
            if word == b"QUIT":
                return goodbye(server, line)
            line.sendall(said.get(word, b"250 ok") + b"\r\n")
            if said.get(word, b"").startswith(b"354"):
                server.taken.append(b"".join(iter(heard.readline, b".\r\n")))
                line.sendall(said[b"."] + b"\r\n")
        return None

    return talk


def hang(server: Scripted, _: socket.socket) -> None:
    server.over.wait(PATIENCE_S)


def drip(server: Scripted, line: socket.socket) -> None:
    while not server.over.is_set():
        line.sendall(b"x")
        time.sleep(0.1)


def break_off(_: Scripted, line: socket.socket) -> None:
    line.sendall(b"abc")


def pour(server: Scripted, line: socket.socket) -> None:
    while not server.over.is_set():
        line.sendall(b"x" * 65_536)


def sent_in_time(target: AppriseTarget) -> Attempt:
    """One message, within the target's whole time, as its worker sends it."""

    async def one() -> Attempt:
        sender = AppriseSender(target, VOICE)
        due = DueDelivery(id="0190-a", target=target.id, attempts=0, created_at=0.0, event=FIRE)
        try:
            async with asyncio.timeout(target.timeout_s):
                return await sender.send(due)
        finally:
            await sender.close()

    return asyncio.run(one())


@pytest.mark.parametrize("goodbye", [hang, drip, break_off])
def test_a_mail_that_was_taken_is_delivered_however_the_server_says_goodbye(
    goodbye: Callable[[Scripted, socket.socket], None],
) -> None:
    with scripted(mail_server(goodbye=goodbye)) as server:
        found = sent_in_time(people(by_mail(server.port)))
    assert (found.outcome, found.error) == (AttemptOutcome.DELIVERED, None)
    assert len(server.taken) == 1


def test_a_mail_that_comes_twice_has_one_message_id() -> None:
    """So that mail servers and readers know the second one: ours may not hear the yes."""
    with scripted(mail_server(goodbye=hang, answers={b".": b"451 later"})) as server:
        sent(*[people(by_mail(server.port))] * 2)
    told = [message_from_bytes(one)["Message-ID"] for one in server.taken]
    assert told == ["<0190-a@127.0.0.1>"] * 2


@pytest.mark.parametrize("body", [hang, drip, break_off, pour])
def test_a_message_that_a_gateway_took_is_delivered_however_its_answer_ends(
    body: Callable[[Scripted, socket.socket], None],
) -> None:
    def talk(server: Scripted, line: socket.socket) -> None:
        server.taken.append(line.recv(65_536))
        length = OF_JSON if body is not pour else OF_JSON.replace(b"500", b"9" * 12)
        line.sendall(length)
        body(server, line)

    with scripted(talk) as server:
        found = sent_in_time(people(f"json://127.0.0.1:{server.port}/"))
    assert (found.outcome, found.error) == (AttemptOutcome.DELIVERED, None)
    assert len(server.taken) == 1


def test_a_refusal_is_told_also_where_its_words_are_not_understood(gateway: Gateway) -> None:
    gateway.said = b"<html>topsecret</html>"
    gateway.answers = [(401, ""), (200, "")]
    url = f"smseagle://token-token@{gateway.at}/+84912345678"
    assert [(one.status, one.error) for one in sent(people(url), people(url))] == [
        (401, "the receiver does not accept our secret (401)"),
        (200, "the gateway answers 200, but does not say that it took it"),
    ]


def test_a_full_mailbox_is_tried_again_and_what_is_no_mail_server_is_said() -> None:
    def found(answers: dict[bytes, bytes]) -> tuple[str, str | None]:
        with scripted(mail_server(goodbye=hang, answers=answers)) as server:
            (one,) = sent(people(by_mail(server.port)))
        return one.outcome.value, one.error

    full = "the mail server has no room: large mail, or full mailbox (552)"
    assert found({b".": b"552 topsecret is full"}) == ("failed", full)
    assert found({b"MAIL": b"552 topsecret is full"}) == ("failed", full)
    assert found({b"": b"SSH-2.0-topsecret"}) == ("failed", "what answers there is no mail server")
