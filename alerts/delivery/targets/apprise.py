"""Target `apprise`: mail, SMS, push and sirens, by a child process."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from thapcanh.alerts.delivery.apprise_url import (
    check_apprise_url,
    check_number,
    host_of,
    is_mail,
    is_sms,
    masked_service,
    with_number,
)
from thapcanh.alerts.delivery.attempt import Attempt, AttemptOutcome, failed
from thapcanh.alerts.delivery.mail_picture import WITHOUT, MailPicture, check_wait, picture_of
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.sender import MessageForm, SiteVoice
from thapcanh.alerts.delivery.target_kind import TargetKind
from thapcanh.config.targets import TargetConfig
from thapcanh.config.wording import Wording
from thapcanh.ingest.address_guard import AddressRefused
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.child_process import (
    ChildBounds,
    ChildSetup,
    plain_environment,
    start_child_on_loop,
)

_COMMAND = (sys.executable, "-P", "-m", "thapcanh.alerts.delivery.apprise_child")
_TRUST = frozenset({"SSL_CERT_FILE", "SSL_CERT_DIR"})
_MOST_MEMORY_BYTES = 2 << 30
_MISSING = "apprise is not installed: pip install 'thapcanh[notify]'"
_ENDED = "the process that sends ended"
_LATE = "the process that sends did not start within"
_Starting = asyncio.Task[asyncio.subprocess.Process]


class _ChildLost(Exception):
    """Child that ended or gave no valid answer."""


class _NotStarted(Exception):
    """Failure to start the child, or its wait before the next start."""


class AppriseTarget(TargetConfig):
    """A person or a group; the address holds its login itself."""

    is_for_people: ClassVar[bool] = True

    kind: Literal["apprise"] = "apprise"
    text: MessageForm | None = None
    """How long its messages are; without it SMS gateways get `sms_unmarked`."""
    caller_links: bool = False
    """Callers are texted by it: `{number}` stands in its address where their number stands."""
    test_number: str | None = Field(default=None, pattern=r"^\+?[0-9]{8,15}$")
    """A telephone of the centre's own, which gets the daily test of a target for callers."""
    picture_within_s: float | None = Field(default=None, ge=1, le=10)
    """Mails have a picture in which people are hidden, where it is made within so many seconds."""

    @property
    def message_form(self) -> MessageForm:
        is_short = self.caller_links or is_sms(self.url.scheme)
        return self.text or ("sms_unmarked" if is_short else "full")

    @property
    def is_for_callers(self) -> bool:
        return self.caller_links

    @property
    def has_test(self) -> bool:
        """True if a test can be sent: never to callers, but to the centre's own telephone."""
        return not self.caller_links or self.test_number is not None

    @property
    def masked_address(self) -> str:
        """Name of the service; in some addresses the host is a token."""
        return masked_service(self.url.reveal())

    @model_validator(mode="before")
    @classmethod
    def _login_in_address(cls, table: Any) -> Any:
        if isinstance(table, Mapping) and not {"secret", "username"}.isdisjoint(table):
            raise ValueError("write the login into url: mailtos://USER:${file:/path}@HOST…")
        return table

    @model_validator(mode="after")
    def _checked_service(self) -> Self:
        check_apprise_url(self.url.reveal())
        check_number(self.url.reveal(), self.test_number, expected=self.caller_links)
        if is_mail(self.url.scheme) and self.message_form != "full":
            raise ValueError("text of a mail is full")
        check_wait(self.picture_within_s, self.timeout_s, is_mail=is_mail(self.url.scheme))
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStart:
    """Start of the child; loading the library may take seconds."""

    command: Sequence[str] = _COMMAND
    within_s: float = 60.0
    backoff: Backoff = Backoff(first_s=5.0, longest_s=300.0)  # noqa: RUF009 it is frozen


class AppriseSender:
    """Sender owned by one task; the child starts at first use."""

    is_serial = True

    def __init__(
        self, target: AppriseTarget, voice: SiteVoice, start: ChildStart | None = None
    ) -> None:
        self._target = target
        self._voice = voice
        self._start = start or ChildStart()
        self._failed_starts = 0
        self._starts_at = float("-inf")
        self._not_started = ""
        self._starting: _Starting | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def send(self, due: DueDelivery) -> Attempt:
        """Send one message; the child is killed at the caller's deadline."""
        try:
            addresses = await self._voice.guard.judged_on_loop(host_of(self._target.url.reveal()))
            process = await self._child()
            shown = await picture_of(due, self._voice.picture, self._target.picture_within_s)
        except (AddressRefused, ModuleNotFoundError, _NotStarted) as error:
            return failed(str(error))
        except (OSError, _ChildLost):
            await self.close()
            return failed(_ENDED)
        try:
            made = _attempt(await _requested(process, self._question(due, addresses, shown)))
            if shown.may_be_why(made):
                bare = self._question(due, addresses, WITHOUT)
                made = _attempt(await _requested(process, bare))
            return made
        except (OSError, _ChildLost):
            await self.close()
            return failed(_ENDED)
        except asyncio.CancelledError:
            await self.close()
            raise

    async def close(self) -> None:
        """Stop the child; idempotent."""
        starting, self._starting = self._starting, None
        if starting is not None:
            ending = asyncio.create_task(_end_what(starting))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
        if self._ending:
            await asyncio.wait(self._ending)  # they go on where the caller is cancelled again

    def _question(
        self, due: DueDelivery, addresses: list[str], shown: MailPicture
    ) -> Mapping[str, Any]:
        said = self._voice.said(due.event, self._target.message_form)
        to = due.event.data.get("to", self._target.test_number)
        return {
            "url": with_number(self._target.url.reveal(), to),
            "title": said.title,
            **shown.facts(said.text),
            "key": due.id,
            "addresses": addresses,
            "timeout_s": self._target.timeout_s,
        }

    async def _child(self) -> asyncio.subprocess.Process:
        """Return the ready child; a start may outlive the caller's deadline."""
        if self._starting is not None and self._starting.done() and _is_lost(self._starting):
            await self.close()
        if self._starting is None:
            if asyncio.get_running_loop().time() < self._starts_at:
                raise _NotStarted(self._not_started)
            self._starting = asyncio.create_task(self._started())
        return await asyncio.shield(self._starting)

    async def _started(self) -> asyncio.subprocess.Process:
        """Start the child and wait until its library is loaded."""
        try:
            async with asyncio.timeout(self._start.within_s):
                process = await _ready(self._start.command)
        except (TimeoutError, _ChildLost) as error:
            is_late = isinstance(error, TimeoutError)
            self._not_started = f"{_LATE} {self._start.within_s:g} s" if is_late else _ENDED
            self._failed_starts += 1
            wait_s = self._start.backoff.wait_s(self._failed_starts)
            self._starts_at = asyncio.get_running_loop().time() + wait_s
            raise _NotStarted(self._not_started) from error
        self._failed_starts = 0
        return process


def _is_lost(starting: _Starting) -> bool:
    return (
        starting.cancelled()
        or starting.exception() is not None
        or starting.result().returncode is not None
    )


async def _ready(command: Sequence[str]) -> asyncio.subprocess.Process:
    trust = {name: os.environ[name] for name in _TRUST & os.environ.keys()}
    setup = ChildSetup(
        environment=plain_environment(os.environ) | trust,
        bounds=ChildBounds(memory_bytes=_MOST_MEMORY_BYTES),
        stderr=asyncio.subprocess.DEVNULL,
    )
    process = await start_child_on_loop(command, setup)
    try:
        reported = await _line_of(process)
        if reported.get("missing"):
            raise ModuleNotFoundError(_MISSING)
    except BaseException:
        await _end(process)
        raise
    return process


async def _requested(
    process: asyncio.subprocess.Process, question: Mapping[str, Any]
) -> Mapping[str, Any]:
    assert process.stdin is not None  # noqa: S101 a pipe
    process.stdin.write(json.dumps(question).encode() + b"\n")
    await process.stdin.drain()
    return await _line_of(process)


async def _line_of(process: asyncio.subprocess.Process) -> Mapping[str, Any]:
    assert process.stdout is not None  # noqa: S101 a pipe
    try:
        reported = json.loads(await process.stdout.readline())
    except ValueError as error:
        raise _ChildLost from error
    if not isinstance(reported, dict):
        raise _ChildLost
    return reported


async def _end_what(starting: _Starting) -> None:
    starting.cancel()
    with suppress(asyncio.CancelledError, OSError, _NotStarted, ModuleNotFoundError):
        await _end(await starting)


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()
    await asyncio.sleep(0)  # in which its pipes are closed


def _attempt(reported: Mapping[str, Any]) -> Attempt:
    try:
        outcome = AttemptOutcome(reported["outcome"])
    except (KeyError, ValueError) as error:
        raise _ChildLost from error
    return Attempt(outcome=outcome, error=reported.get("error"), status=reported.get("status"))


TARGET = TargetKind(
    settings=AppriseTarget,
    sender=AppriseSender,
    name=Wording(vi="Người: thư, SMS, Telegram, Zalo…", en="People: mail, SMS, Telegram, Zalo…"),
    address_hint="tgram://TOKEN/CHAT",
    setting_names={
        "text": Wording(vi="Độ dài tin", en="Length of messages"),
        "test_number": Wording(vi="Số của trung tâm, nhận tin thử", en="Our number, for the test"),
        "picture_within_s": Wording(
            vi="Thư kèm ảnh đã làm mờ, chờ tối đa (giây)", en="Blurred picture in mails, wait (s)"
        ),
    },
    options={
        "full": Wording(vi="đầy đủ", en="whole sentences"),
        "sms": Wording(vi="một SMS có dấu (70 chữ)", en="one SMS with marks (70 letters)"),
        "sms_unmarked": Wording(vi="một SMS không dấu (160 chữ)", en="one SMS without marks (160)"),
    },
    order=40,
)
