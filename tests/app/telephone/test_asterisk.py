"""An Asterisk is listened to: calls as they are at the exchange, its death, a wrong login."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from tests.app.telephone.asterisk_server import SECRET, AsteriskServer, asterisk
from tests.conftest import WaitFor
from tests.made_archives import archive_at
from tests.patience import patient
from thapcanh.alerts.calls.incoming_call_store import IncomingCallRepository
from thapcanh.alerts.calls.incoming_calls import IncomingCall
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.telephone.service import TelephoneService, exchange_findings
from thapcanh.config.devices import ExchangeConfig
from thapcanh.config.site import Site, SiteFacts
from thapcanh.ingest.clock import SystemClock

Served = Callable[[], AbstractContextManager[AsteriskServer]]
NUMBER = "0912345678"
FIRST = {"Uniqueid": "17.1", "Linkedid": "17.1"}
BEGAN = FIRST | {"CallerIDNum": NUMBER, "Exten": "114", "Context": "from-trunk"}


class Listening:
    """The telephone service over a real archive, and the exchange that it listens to."""

    def __init__(self, archive: Archive, service: TelephoneService) -> None:
        self._calls = IncomingCallRepository(archive.database)
        self._service = service

    def calls(self) -> list[IncomingCall]:
        return self._calls.waiting(EVERYTHING, SystemClock().utc())

    def states(self) -> list[str]:
        return [call.state.value for call in self.calls()]

    def verdicts(self) -> list[tuple[HealthVerdict, str]]:
        return [(one.verdict, one.reason) for one in exchange_findings(self._service.states())]

    def is_fault(self, why: str) -> bool:
        (told,) = self.verdicts() or [(HealthVerdict.FINE, "")]
        return told[0] is HealthVerdict.FAULT and told[1].startswith(why)


@contextmanager
def listening(folder: Path, port: int, secret: str = SECRET) -> Iterator[Listening]:
    exchange = ExchangeConfig(
        id="pbx", kind="asterisk", name="Tổng đài", host="127.0.0.1", port=port,
        username="thapcanh", secret=SecretStr(secret),
    )  # fmt: skip
    site = Site(site=SiteFacts(name="Trung tâm"), exchanges=(exchange,))
    with closing(archive_at(folder / "archive.sqlite")) as archive:
        calls = IncomingCallRepository(archive.database)
        service = TelephoneService(calls, lambda: site, ChangeNotifier(), SystemClock())
        service.start()
        try:
            yield Listening(archive, service)
        finally:
            service.stop()


@pytest.fixture
def exchange() -> Iterator[AsteriskServer]:
    with asterisk() as server:
        yield server


def test_a_call_rings_is_answered_and_ends(
    exchange: AsteriskServer, tmp_path: Path, wait_for: WaitFor
) -> None:
    with listening(tmp_path, exchange.port) as heard:
        exchange.tell("Newchannel", **BEGAN)
        exchange.tell("Newchannel", Uniqueid="17.2", Linkedid="17.1", Exten="113")  # a phone
        exchange.tell("Newchannel", Uniqueid="18.1", Linkedid="18.1", Exten="200")  # inside
        wait_for(lambda: heard.states() == ["ringing"], 10)
        exchange.tell("BridgeEnter", Uniqueid="17.2", Linkedid="17.1")
        exchange.tell("BridgeEnter", **FIRST)
        wait_for(lambda: heard.states() == ["answered"], 10)
        exchange.tell("Hangup", Uniqueid="17.2", Linkedid="17.1")
        exchange.tell("Hangup", **FIRST)
        wait_for(lambda: heard.states() == ["ended"], 10)
        (call,) = heard.calls()
        assert (call.caller, call.line, call.exchange) == (NUMBER, "114", "pbx")


def test_after_its_death_what_stands_is_asked_for(
    exchange: AsteriskServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, wait_for: WaitFor
) -> None:
    caplog.set_level(logging.DEBUG)
    with listening(tmp_path, exchange.port) as heard:
        exchange.tell("Newchannel", **BEGAN)
        wait_for(lambda: heard.states() == ["ringing"], 10)
        later = BEGAN | {"Uniqueid": "19.1", "Linkedid": "19.1", "Exten": "113", "BridgeId": "b"}
        exchange.standing = [later]
        exchange.cut()
        wait_for(lambda: sorted(heard.states()) == ["answered", "missed"], 10)
        assert heard.verdicts() == [(HealthVerdict.FINE, "heard again")]
    assert "the exchange ended the connection" in caplog.text
    assert SECRET not in caplog.text
    assert NUMBER not in caplog.text
    assert all("Secret" not in login for login in exchange.logins)


def ssh() -> AbstractContextManager[AsteriskServer]:
    return asterisk(greeting=b"SSH-2.0-OpenSSH\r\n")


@contextmanager
def nobody() -> Iterator[AsteriskServer]:
    with asterisk() as server:
        server.close()
        yield server


@pytest.mark.parametrize(
    ("served", "secret", "why"),
    [
        (asterisk, "sai", "the exchange does not accept our login"),
        (ssh, SECRET, "what answers there is no Asterisk manager interface"),
        (nobody, SECRET, "no connection"),
    ],
)
def test_why_it_is_not_heard_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, served: Served, secret: str, why: str
) -> None:
    until = time.monotonic() + patient(10)
    with served() as server, listening(tmp_path, server.port, secret) as heard:
        while not heard.is_fault(f"the exchange Tổng đài is not heard: {why}"):
            assert time.monotonic() < until, heard.verdicts()
            time.sleep(0.01)
    lines = [one.getMessage() for one in caplog.records if why in one.getMessage()]
    assert len(lines) == 1
    assert "bi-mat" not in caplog.text


def test_a_login_with_a_line_end_is_no_login() -> None:
    with pytest.raises(ValidationError):
        ExchangeConfig(
            id="pbx", kind="asterisk", host="h", username="a\r\nAction: Originate",
            secret=SecretStr("x"),
        )  # fmt: skip
