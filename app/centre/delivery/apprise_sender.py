"""People as target: mail, SMS gateways, push and sirens, by the library `apprise` in a child.

One child a target, one message at a time. It is told the address with its login on its input, never
in its arguments or environment. Whatever hangs is ended with it: the deadline is the caller's.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from alerts.archive.outbox.records import DueDelivery
from alerts.delivery.attempt import Attempt, AttemptOutcome, failed
from app.centre.delivery.network_guard import AddressRefused, allowed_addresses
from app.centre.delivery.person_message import person_message
from app.child_environment import plain_environment
from config.targets import TargetConfig

_COMMAND = (sys.executable, "-P", "-m", "app.centre.delivery.apprise_child")
_TRUST = frozenset({"SSL_CERT_FILE", "SSL_CERT_DIR"})
_MISSING = "apprise is not installed: pip install 'thapcanh[notify]'"
_ENDED = "the process that sends ended"


_Starting = asyncio.Task[asyncio.subprocess.Process]


class _ChildLost(Exception):
    """The child ended, or said something that is no answer."""


class AppriseSender:
    """Owned by one task. The child is started when it is first needed."""

    is_serial = True

    def __init__(self, target: TargetConfig, site_name: str) -> None:
        self._target = target
        self._site_name = site_name
        self._starting: _Starting | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def send(self, due: DueDelivery) -> Attempt:
        """Send one message; the child is ended where it takes longer than the caller waits."""
        try:
            addresses = await allowed_addresses(self._host, 0)
            process = await self._child()
        except (AddressRefused, ModuleNotFoundError) as error:
            return failed(str(error))
        except (OSError, _ChildLost):
            await self.close()
            return failed(_ENDED)
        try:
            return _attempt(await _asked(process, self._question(due, addresses)))
        except (OSError, _ChildLost):
            await self.close()
            return failed(_ENDED)
        except asyncio.CancelledError:
            await self.close()
            raise

    async def close(self) -> None:
        """End the child; calling twice is fine."""
        starting, self._starting = self._starting, None
        if starting is not None:
            ending = asyncio.create_task(_end_what(starting))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
        if self._ending:
            await asyncio.wait(self._ending)  # they go on where the caller is cancelled again

    @property
    def _host(self) -> str:
        return urlsplit(self._target.url.reveal()).hostname or ""

    def _question(self, due: DueDelivery, addresses: list[str]) -> Mapping[str, Any]:
        said = person_message(due.event, self._site_name, self._target.message_form)
        return {
            "url": self._target.url.reveal(),
            "title": said.title,
            "text": said.text,
            "key": due.id,
            "addresses": addresses,
            "timeout_s": self._target.timeout_s,
        }

    async def _child(self) -> asyncio.subprocess.Process:
        """The child, ready. A start outlives the caller's deadline: a busy machine loads slowly."""
        if self._starting is not None and self._starting.done() and _is_lost(self._starting):
            await self.close()
        if self._starting is None:
            self._starting = asyncio.create_task(_started())
        return await asyncio.shield(self._starting)


def _is_lost(starting: _Starting) -> bool:
    return (
        starting.cancelled()
        or starting.exception() is not None
        or starting.result().returncode is not None
    )


async def _started() -> asyncio.subprocess.Process:
    """Start the child and wait until its library is loaded."""
    mine = os.environ
    trust = {name: mine[name] for name in _TRUST & mine.keys()}
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=plain_environment(mine) | trust,
    )
    try:
        told = await _line_of(process)
        if told.get("missing"):
            raise ModuleNotFoundError(_MISSING)
    except BaseException:
        await _end(process)
        raise
    return process


async def _asked(
    process: asyncio.subprocess.Process, question: Mapping[str, Any]
) -> Mapping[str, Any]:
    assert process.stdin is not None  # noqa: S101 a pipe
    process.stdin.write(json.dumps(question).encode() + b"\n")
    await process.stdin.drain()
    return await _line_of(process)


async def _line_of(process: asyncio.subprocess.Process) -> Mapping[str, Any]:
    assert process.stdout is not None  # noqa: S101 a pipe
    try:
        told = json.loads(await process.stdout.readline())
    except ValueError as error:
        raise _ChildLost from error
    if not isinstance(told, dict):
        raise _ChildLost
    return told


async def _end_what(starting: _Starting) -> None:
    """End the child, or its start."""
    starting.cancel()
    with suppress(asyncio.CancelledError, OSError, _ChildLost, ModuleNotFoundError):
        await _end(await starting)


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()
    await asyncio.sleep(0)  # in which its pipes are closed


def _attempt(told: Mapping[str, Any]) -> Attempt:
    try:
        outcome = AttemptOutcome(told["outcome"])
    except (KeyError, ValueError) as error:
        raise _ChildLost from error
    return Attempt(outcome=outcome, error=told.get("error"), status=told.get("status"))
