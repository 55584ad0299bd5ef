"""Claim of worker N or the centre by one process at a time."""

import json
import os
import socket
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.redis_client import QueueAddress, RedisClient
from thapcanh.ingest.clock import Clock, SystemClock

TTL_S = 7.5
_AGAIN_S = 0.5
_MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOwner:
    """Process that owns a part."""

    host: str
    machine: str  # hosts may share a name
    pid: int
    began: int  # clock ticks after the boot: process ids are given again

    @property
    def is_here(self) -> bool:
        matching = this_process()
        return (self.host, self.machine) == (matching.host, matching.machine)

    @property
    def is_alive(self) -> bool:
        """True if such a process runs on this machine."""
        return _started(self.pid) == self.began


def this_process() -> PartOwner:
    machine = ""
    with suppress(OSError):
        machine = _MACHINE_ID.read_text(encoding="ascii").strip()[:12]
    return PartOwner(
        host=socket.gethostname(),
        machine=machine,
        pid=os.getpid(),
        began=_started(os.getpid()) or 0,
    )


class PartClaim:
    """Claim of one part. Raises `QueueError`."""

    def __init__(
        self,
        address: QueueAddress,
        part: str,
        *,
        owner: PartOwner | None = None,
        ttl_s: float = TTL_S,
        clock: Clock | None = None,
    ) -> None:
        self._door = RedisClient(address, socket_timeout_s=3.0)
        self._key = redis_keys.owner(part)
        self._owner = owner or this_process()
        self._ttl_s = ttl_s
        self._clock = clock or SystemClock()

    def take(self, stop: threading.Event) -> PartOwner | None:
        """Claim the part; return the process that does not release it, else None."""
        deadline = self._clock.monotonic() + self._ttl_s + 2 * _AGAIN_S
        while True:
            other = self.renew()
            if other is not None and other.is_here and not other.is_alive:
                self._write(only_new=False)
                return None
            if other is None or self._clock.monotonic() >= deadline or stop.is_set():
                return other
            self._clock.wait(stop, _AGAIN_S)

    def renew(self) -> PartOwner | None:
        """Renew or take the claim; return another process that has it, or None."""
        with self._door.named():
            if self._write(only_new=True):
                return None
            found: Any = self._door.client.get(self._key)
        other = None if found is None else _owner(found)
        if other is not None and other != self._owner:
            return other
        self._write(only_new=False)
        return None

    def release(self) -> None:
        """Release the claim at exit, so that the next one need not wait."""
        with self._door.named():
            found: Any = self._door.client.get(self._key)
            if found is not None and _owner(found) == self._owner:
                self._door.client.delete(self._key)
        self._door.client.close()

    def _write(self, *, only_new: bool) -> bool:
        """Write the claim; return False if `only_new` and another holds it."""
        with self._door.named():
            text = json.dumps(asdict(self._owner))
            done = self._door.client.set(
                self._key, text, nx=only_new, px=max(1, int(self._ttl_s * 1000))
            )
        return bool(done)


def _owner(text: bytes) -> PartOwner | None:
    """Return the owner in a claim, or None if unreadable."""
    try:
        return PartOwner(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _started(pid: int) -> int | None:
    """Return when a process started, or None if it no longer runs."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else int(fields[19])
