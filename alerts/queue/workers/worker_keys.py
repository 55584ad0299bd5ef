"""Keys with which workers sign their entries (Ed25519)."""

import base64
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thapcanh.alerts.queue.message import Entry
from thapcanh.alerts.queue.publisher import EventTransport
from thapcanh.alerts.store.errors import WireError
from thapcanh.config.files import replace_file

SIGNATURE = "sig"
NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")
_FORM = "thapcanh.worker-key.v1"
_MOST_BYTES = 4096


class WorkerKeyError(Exception):
    """Unusable key; the message contains no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerKey:
    """Public key, and since when the worker signs."""

    worker: str
    public: bytes
    enrolled_at: float
    by_itself: bool
    """It made its own key beside the embedded queue; nobody decided that workers have keys."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Private key; its `repr` shows nothing."""

    _private: bytes = field(repr=False)

    def signed(self, entry: Entry) -> Entry:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.from_private_bytes(self._private)
        return {**entry, SIGNATURE: base64.b64encode(key.sign(_payload(entry))).decode()}


class SignedTransport:
    """An outlet whose entries are signed on their way out."""

    def __init__(self, outlet: EventTransport, signer: Signer) -> None:
        self._outlet = outlet
        self._signer = signer

    def add_all(self, entries: Sequence[Entry]) -> list[str]:
        return self._outlet.add_all([self._signer.signed(entry) for entry in entries])

    def has(self, stream_ids: Sequence[str]) -> list[bool]:
        return self._outlet.has(stream_ids)


class WorkerKeys:
    """Folder of public keys; thread-safe, and changed files count at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, WorkerKey | None]] = {}
        self._since: tuple[int, list[tuple[float, bool]]] | None = None

    def find(self, worker: str) -> WorkerKey | None:
        """Return a worker's key; None if it is not enrolled. Raise `WorkerKeyError`."""
        if not NAME.match(worker):
            return None
        path = self._path(worker)
        try:
            changed = path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WorkerKeyError(f"{path}: {error.strerror}") from None
        with self._lock:
            retained = self._known.get(worker)
            if retained is None or retained[0] != changed:
                retained = self._known[worker] = (changed, _read(path, worker))
            return retained[1]

    def names(self) -> list[str]:
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def enrolled_since(self, *, by_itself: bool) -> float | None:
        """Return when the first worker was enrolled, or None.

        With `by_itself` those that enrolled themselves count. An unreadable key counts from its
        file's time.
        """
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        with self._lock:
            if self._since is None or self._since[0] != changed:
                self._since = (changed, [_enrolment(path) for path in self._folder.glob("*.json")])
            counted = (at for at, is_own in self._since[1] if by_itself or not is_own)
            return min(counted, default=None)

    def enrol(self, worker: str, now: float, *, by_itself: bool = False) -> bytes:
        """Create a key, replacing an earlier one; return the private key, which is not stored."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if not NAME.match(worker):
            raise WorkerKeyError(f"{worker!r}: a worker is named by a-z, 0-9, dot, dash, up to 64")
        private = Ed25519PrivateKey.generate()
        public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
        content = {
            "form": _FORM, "worker": worker, "public": public, "enrolled_at": now,
            "by_itself": by_itself,
        }  # fmt: skip
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(self._path(worker), json.dumps(content) + "\n", private=True)
        return private.private_bytes_raw()

    def revoke(self, worker: str) -> bool:
        try:
            self._path(worker).unlink()
        except FileNotFoundError:
            return False
        return True

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.json"


def own_signer(path: Path) -> Signer:
    """Return the signer of a file made by `write_key`. Raise `WorkerKeyError`."""
    try:
        return Signer(base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not a worker's key"
        raise WorkerKeyError(f"the worker's key {path}: {reason}") from None


def write_key(path: Path, private: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_file(path, base64.b64encode(private).decode() + "\n", private=True)


def check_signature(entry: Mapping[str, str], key: WorkerKey) -> None:
    """Raise `WireError` unless the worker itself signed this entry."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    signature = entry.get(SIGNATURE)
    if signature is None:
        raise WireError(f"not signed, and {key.worker} signs")
    plain = {name: value for name, value in entry.items() if name != SIGNATURE}
    try:
        public = Ed25519PublicKey.from_public_bytes(key.public)
        public.verify(base64.b64decode(signature, validate=True), _payload(plain))
    except (InvalidSignature, ValueError):
        raise WireError(f"the signature is not that of {key.worker}") from None


def _payload(entry: Mapping[str, str]) -> bytes:
    return json.dumps(dict(entry), sort_keys=True, ensure_ascii=True).encode()


def _read(path: Path, worker: str) -> WorkerKey:
    try:
        content = json.loads(path.read_bytes()[:_MOST_BYTES])
        if content["form"] != _FORM or content["worker"] != worker:
            raise ValueError
        return WorkerKey(
            worker=worker,
            public=base64.b64decode(content["public"], validate=True),
            enrolled_at=float(content["enrolled_at"]),
            by_itself=content.get("by_itself", True) is True,  # of an earlier version: not known
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise WorkerKeyError(f"{path} is not a worker's public key; enrol it again") from None


def _enrolment(path: Path) -> tuple[float, bool]:
    """Return when a worker was enrolled, and whether by itself."""
    try:
        key = _read(path, path.stem)
    except WorkerKeyError:
        return path.stat().st_mtime, False
    return key.enrolled_at, key.by_itself
