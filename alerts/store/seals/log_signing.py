"""Signing of the action log's end, by a key outside the database."""

import base64
import json
import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.audit_log import HEAD, AuditEntry, add_log, log_head
from thapcanh.alerts.store.errors import ArchiveRefused
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.seals.written_rows import ARCHIVE
from thapcanh.config.files import create_file, read_regular, replace_file

NOT_SIGNED = "log_not_signed"  # the action of the entry that follows what nobody signed
_FORM = "thapcanh.log-end.v1"
_MOST_BYTES = 4096
_REMEMBER_EVERY_S = 5.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEnd:
    """Number and hash of the log's last entry."""

    seq: int
    hash: str


class LogKey:
    """Key in the file `path`, read once; thread-safe."""

    def __init__(self, path: Path, *, makes: bool = True) -> None:
        """Read the key, or make it where it may be made. Raises `ArchiveRefused`."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self.path = path
        self._key = Ed25519PrivateKey.from_private_bytes(_private(path, makes=makes))
        self._public = self._key.public_key()
        self._end_path = _end_of(path)
        self._lock = threading.Lock()
        self._last = self._remembered()
        self._written_at = float("-inf")

    def __repr__(self) -> str:
        return f"LogKey({self.path})"

    @property
    def last(self) -> LogEnd | None:
        """Last end that this machine saw signed; None before the first signature."""
        return self._last

    @property
    def public(self) -> bytes:
        """Public half, 32 bytes: the site's identity at other sites."""
        return self._public.public_bytes_raw()

    def sign(self, form: str, payload: bytes) -> str:
        """Return the signature of something else than a log's end; `form` keeps them apart."""
        return base64.b64encode(self._key.sign(f"{form}\n".encode() + payload)).decode()

    def signature(self, end: LogEnd) -> str:
        return base64.b64encode(self._key.sign(_payload(end))).decode()

    def has_signed(self, end: LogEnd, signature: str | None) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            raw = base64.b64decode(signature or "", validate=True)
            self._public.verify(raw, _payload(end))
        except (InvalidSignature, ValueError):
            return False
        return True

    def fault(self, end: LogEnd, signature: str | None) -> Mapping[str, Any] | None:
        """Return what is wrong with the end that a writer continues, or None."""
        last = self._last
        if end == last:
            return None
        if last is None and signature is None:
            return None  # nobody signed before: signing begins
        if self.has_signed(end, signature) and (last is None or end.seq >= last.seq):
            return None
        return {"end": end.seq, "signed": 0 if last is None else last.seq}

    def remember(self, end: LogEnd) -> None:
        """Store a committed end; on the disk at most every few seconds."""
        with self._lock:
            self._last = end
            if time.monotonic() - self._written_at >= _REMEMBER_EVERY_S:
                self._write()

    def close(self) -> None:
        """Write the last end to the disk."""
        with self._lock:
            if self._written_at > float("-inf"):
                self._write()

    def _write(self) -> None:
        if self._last is None:
            return
        self._written_at = time.monotonic()
        content = json.dumps({"seq": self._last.seq, "hash": self._last.hash})
        try:
            replace_file(self._end_path, content + "\n", private=True)
        except OSError as error:
            log.error("the log's end is not kept in %s: %s", self._end_path, error.strerror)

    def _remembered(self) -> LogEnd | None:
        with suppress(FileNotFoundError):
            try:
                found = json.loads(read_regular(self._end_path, _MOST_BYTES))
                return LogEnd(seq=int(found["seq"]), hash=str(found["hash"]))
            except (ValueError, KeyError, TypeError):
                log.error("%s is not the end of a log; it is written anew", self._end_path)
        return None


def drop_end(path: Path) -> None:
    """Drop the end beside a key: its keeper puts back an older archive, which ends before it."""
    _end_of(path).unlink(missing_ok=True)


def _end_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.end")


def _private(path: Path, *, makes: bool) -> bytes:
    if makes and not path.exists():
        _make(path)
    try:
        raw = base64.b64decode(read_regular(path, _MOST_BYTES).strip(), validate=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a key"
        raise ArchiveRefused(
            f"the key of the action log, {path}, cannot be used: {why}; run this as the centre's "
            "user, or put the key back from a backup's keys/"
        ) from None
    if len(raw) != 32:
        raise ArchiveRefused(f"the key of the action log, {path}, is not a key of Ed25519")
    return raw


def _make(path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = Ed25519PrivateKey.generate().private_bytes_raw()
    with suppress(FileExistsError):  # another process was faster
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            create_file(path, base64.b64encode(raw).decode() + "\n", private=True)
        except OSError as error:
            if isinstance(error, FileExistsError):
                raise
            raise ArchiveRefused(
                f"the key of the action log, {path}, cannot be made: {error.strerror}"
            ) from None


def _payload(end: LogEnd) -> bytes:
    return f"{_FORM}\n{end.seq}\n{end.hash}".encode()


_HEAD = sa.select(ledger.c.change_seq, ledger.c.log_seq, ledger.c.log_hash, ledger.c.log_signature)


class LogSigning:
    """Owned by the transaction's thread; without a key it does nothing."""

    def __init__(self, key: LogKey | None) -> None:
        self._key = key
        self._end: LogEnd | None = None
        self._signed: LogEnd | None = None
        self._fault: Mapping[str, Any] | None = None

    def begin(self, connection: sa.Connection) -> int:
        """Check the end that this transaction continues; record what nobody signed.

        Return the number of the last entry before this transaction.
        """
        found = connection.execute(_HEAD).one()
        head, signature = dict(found._mapping), found.log_signature
        del head["log_signature"]
        connection.info[HEAD].update(head)
        self._check(_end(head), signature)
        self._tell(connection)
        return int(connection.info[HEAD]["log_seq"])

    def end(self, connection: sa.Connection) -> None:
        end = _end(connection.info[HEAD])
        if self._key is not None and end != self._end:
            self._sign(connection, self._key, end)

    def begin_migration(self, connection: sa.Connection) -> None:
        """Check the end before a migration, with tables of any version."""
        names = _columns(connection)
        if not names:
            self._check(LogEnd(seq=0, hash=""), None)
            return
        requested = [one for one in _HEAD.selected_columns if one.name in names]
        head = dict(connection.execute(sa.select(*requested)).one()._mapping)
        self._check(_end(head), head.get("log_signature"))

    def end_migration(self, connection: sa.Connection) -> None:
        """Record what nobody signed, and sign the end after the migration."""
        self._tell(connection)
        if self._key is not None and "log_signature" in _columns(connection):
            self._sign(connection, self._key, _end(log_head(connection)))

    def committed(self) -> None:
        """Remember the signed end after the commit."""
        if self._key is not None and self._signed is not None:
            self._key.remember(self._signed)

    def _check(self, end: LogEnd, signature: str | None) -> None:
        self._end = end
        self._fault = None if self._key is None else self._key.fault(end, signature)

    def _tell(self, connection: sa.Connection) -> None:
        if self._fault is None:
            return
        log.error(
            "the action log's end at entry %d is not signed by this site's key, which signed entry "
            "%d last: somebody else wrote into the archive, or it was put back past `restore`; "
            "run thapcanh verify --everything",
            *(self._fault["end"], self._fault["signed"]),
        )
        entry = AuditEntry(
            at=time.time(), action=NOT_SIGNED, object_id=ARCHIVE, details=self._fault
        )
        add_log(connection, entry)

    def _sign(self, connection: sa.Connection, key: LogKey, end: LogEnd) -> None:
        connection.execute(sa.update(ledger).values(log_signature=key.signature(end)))
        self._signed = end


def _columns(connection: sa.Connection) -> set[str]:
    """Return the ledger's columns in the database; empty without an archive."""
    there = sa.inspect(connection)
    if not there.has_table(ledger.name):
        return set()
    return {str(one["name"]) for one in there.get_columns(ledger.name)}


def _end(head: Mapping[str, Any]) -> LogEnd:
    return LogEnd(seq=int(head["log_seq"]), hash=str(head["log_hash"]))
