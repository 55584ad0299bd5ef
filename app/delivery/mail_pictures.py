"""Pictures in mails: evidence of an alert with people hidden by a child process.

Nothing here may delay a mail: evidence is read on separate threads, one picture is made at a time,
and a caller continues without it at its deadline. Owned by one event loop.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from thapcanh.alerts.alert.alert_views import evidence_of
from thapcanh.alerts.alert.records import EvidenceRecord
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.evidence.stores.store import EvidenceStore, read_whole, sha256_of
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import AlertsError, EvidenceError
from thapcanh.app.exports.terms import BLURRED
from thapcanh.app.process.bounded_reader import BoundedReader, NoAnswer
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.site.site_stores import site_evidence
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.site import Site
from thapcanh.ingest.child_process import ChildBounds, ChildSetup, start_child_on_loop
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.delivery.picture_child")
_NICENESS = 5
_LOOK_S = 0.3  # a picture may reach the store after its alert
_READ_S = 10.0
_LOADED_WITHIN_S = 120.0
_MADE_WITHIN_S = 30.0
_RESTS_S = 300.0  # a model that hides nobody is not loaded for each mail
_SHOWN = (EvidenceKind.SNAPSHOT_BOXED, EvidenceKind.SNAPSHOT)
_MOST_BYTES = 20 << 20


class PictureLost(Exception):
    """A child that ended or gave an invalid answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    record: EvidenceRecord
    content: bytes


class MailPictures:
    """Maker of mail pictures for one site; `warm` loads the model early."""

    def __init__(
        self,
        database: Database,
        store: EvidenceStore,
        site: Site,
        clock: Clock,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self._db = database
        self._store = store
        self._site = site
        self._clock = clock
        self._command = command
        self._reader = BoundedReader(at_once=2, within_s=_READ_S)
        self._turn = asyncio.Lock()
        self._child: asyncio.Task[asyncio.subprocess.Process] | None = None
        self._rests_until = float("-inf")
        self._under_way: set[asyncio.Task[Any]] = set()

    @property
    def is_loading(self) -> bool:
        """True until the first picture can be made."""
        return self._child is not None and not self._child.done()

    def warm(self) -> None:
        """Load the model, where it is not loaded."""
        if self._child is None and self._clock.monotonic() >= self._rests_until:
            self._child = asyncio.create_task(self._started())
            self._child.add_done_callback(lambda item: item.cancelled() or item.exception())

    async def __call__(self, due: DueDelivery, within_s: float) -> bytes | None:
        """Return a JPEG of the alert's picture, or None if it is not ready in time."""
        left_s = min(within_s, due.created_at + within_s - self._clock.utc())
        if left_s <= 0 or (self._turn.locked() and self.is_loading):
            return None
        until = self._clock.monotonic() + left_s
        making = asyncio.create_task(self._in_turn(due, until))
        self._under_way.add(making)
        making.add_done_callback(self._under_way.discard)
        await asyncio.wait((making,), timeout=left_s)  # that all is closed does not end a mail
        return making.result() if making.done() and not making.cancelled() else None

    async def close(self) -> None:
        """End the child; calling twice is fine."""
        for item in list(self._under_way):
            item.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._end_child()

    async def _in_turn(self, due: DueDelivery, until: float) -> bytes | None:
        """Return the picture if its turn comes before `until` (monotonic seconds)."""
        async with self._turn:
            if self._clock.monotonic() >= until:
                return None
            try:
                return await self._made(due, until)
            except (AlertsError, NoAnswer, OSError, PictureLost, TimeoutError) as error:
                log.warning("picture of a mail: %s", error or type(error).__name__)
            except Exception:  # the outermost line of a picture: its mail goes without
                log.exception("picture of a mail")
            return None

    async def _made(self, due: DueDelivery, until: float) -> bytes | None:
        original = await self._original(due.event.subject.partition("/")[2], until)
        self.warm()
        if original is None or self._child is None:
            return None
        child = await asyncio.shield(self._child)
        try:
            async with asyncio.timeout(_MADE_WITHIN_S):
                made = await _hidden(child, self._question(due, original), original.content)
        except BaseException:  # what it says later would be taken for the next picture
            await self._end_child()
            raise
        if not made or self._clock.monotonic() > until:
            return None  # its mail went without
        await asyncio.to_thread(self._write_down, due, original.record)
        return made

    async def _original(self, alert_id: str, until: float) -> _Original | None:
        """Wait for the alert's sealed picture, at most `until`."""
        while True:
            found = await asyncio.to_thread(self._reader.ask, lambda: self._read(alert_id))
            if found is not None or self._clock.monotonic() + _LOOK_S > until:
                return found
            await asyncio.sleep(_LOOK_S)

    def _read(self, alert_id: str) -> _Original | None:
        with self._db.reading() as connection:
            present = [
                item for item in evidence_of(connection, alert_id) if item.deleted_at is None
            ]
        for kind in _SHOWN:
            for record in (
                item for item in present if item.kind is kind and item.bytes <= _MOST_BYTES
            ):
                with suppress(EvidenceError):
                    content = read_whole(self._store, record.path)
                    if sha256_of([content]) == record.sha256:
                        return _Original(record=record, content=content)
        return None

    def _question(self, due: DueDelivery, original: _Original) -> dict[str, Any]:
        made = datetime.fromtimestamp(self._clock.utc(), UTC).astimezone(LOCAL_TZ)
        number = str(due.event.data.get("number") or "")
        words = (BLURRED, number, due.target, f"{made:%d/%m/%Y %H:%M}",
                 f"gốc {original.record.sha256[:12]}")  # fmt: skip
        return {"across": f"{due.target} · {self._site.site.name}", "foot": " · ".join(words)}

    def _write_down(self, due: DueDelivery, record: EvidenceRecord) -> None:
        line = AuditEntry(
            at=self._clock.utc(),
            action="picture_mailed",
            object_id=record.alert_id or due.event.subject,
            details={"target": due.target, "sha256": record.sha256, "blurred": True},
        )
        with self._db.writing() as connection:
            add_log(connection, line)

    async def _started(self) -> asyncio.subprocess.Process:
        process = await start_child_on_loop(
            self._command, ChildSetup(bounds=ChildBounds(niceness=_NICENESS))
        )
        try:
            site = self._site
            answer_value = {
                "detector": site.detector.model_dump(mode="json"),
                "model_cache": str(site_paths_of(site).model_cache_dir),
            }
            async with asyncio.timeout(_LOADED_WITHIN_S):
                await _query(process, answer_value, b"")
                answer, _ = await _answer(process)
            if not answer.get("ready"):
                raise PictureLost("the model cannot be loaded, or knows no people")
        except BaseException as error:
            await _end(process)
            self._rests_until = self._clock.monotonic() + _RESTS_S
            self._child = None
            log.warning("pictures of mails: %s", error or type(error).__name__)
            raise
        return process

    async def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.cancel()
        with suppress(asyncio.CancelledError, AlertsError, OSError, PictureLost, TimeoutError):
            await _end(await child)


def mail_pictures(database: Database, clock: Clock, site: Site) -> MailPictures:
    """Return the maker of mail pictures for the site in force, with its own store."""
    return MailPictures(database, site_evidence(site), site, clock)


async def _hidden(
    process: asyncio.subprocess.Process, question: dict[str, Any], content: bytes
) -> bytes:
    await _query(process, {**question, "bytes": len(content)}, content)
    _, made = await _answer(process)
    return made


async def _query(
    process: asyncio.subprocess.Process, question: dict[str, Any], content: bytes
) -> None:
    assert process.stdin is not None  # noqa: S101 a pipe
    process.stdin.write(json.dumps(question).encode() + b"\n" + content)
    await process.stdin.drain()


async def _answer(process: asyncio.subprocess.Process) -> tuple[dict[str, Any], bytes]:
    assert process.stdout is not None  # noqa: S101 a pipe
    try:
        answer_value = json.loads(await process.stdout.readline())
        return answer_value, await process.stdout.readexactly(int(answer_value["bytes"]))
    except (ValueError, KeyError, TypeError, asyncio.IncompleteReadError) as error:
        raise PictureLost("the process that hides people ended") from error


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()
