"""A queue of three servers and the three Sentinels that watch them, as real processes."""

import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from tests.alerts.conftest import until
from thapcanh.alerts.queue.redis_client import QueueAddress
from thapcanh.app.process.free_port import free_port

SERVICE = "Thapcanh"
PASSWORD = "queue-s3cret"
SENTINEL_PASSWORD = "sentinel-s3cret"
_END_S = 20.0


@dataclass(slots=True)
class Member:
    """One process; its configuration is written again by a Sentinel's orders."""

    words: Sequence[str]
    port: int
    password: str
    host: str = "127.0.0.1"
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.words)

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
            self.process.wait(_END_S)
            self.process = None

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def ask(self, *words: str) -> Any:
        """What it says to a command; None where it does not answer."""
        client: Any = redis.Redis(
            host=self.host, port=self.port, password=self.password, protocol=2, socket_timeout=1.0
        )
        with client:
            try:
                return client.execute_command(*words)
            except redis.RedisError:
                return None


@dataclass(slots=True)
class WatchedQueue:
    """The servers, the first of which begins as the primary, and their Sentinels."""

    servers: list[Member] = field(default_factory=list)
    sentinels: list[Member] = field(default_factory=list)

    def address(self, **changes: Any) -> QueueAddress:
        whole: Mapping[str, Any] = {
            "url": f"redis://:{PASSWORD}@{SERVICE}/0",
            "sentinels": tuple(
                f"redis://:{SENTINEL_PASSWORD}@{one.host}:{one.port}" for one in self.sentinels
            ),
        }
        return QueueAddress(**{**whole, **changes})

    def primary(self) -> Member | None:
        """The server that Sentinels name; None while none of them answers."""
        for sentinel in self.sentinels:
            named = sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
            if isinstance(named, list):
                return next((one for one in self.servers if one.port == int(named[1])), None)
        return None

    def replicas_in_step(self) -> int:
        told = self.servers[0].ask("INFO", "replication") or {}
        return sum(
            one.get("state") == "online"
            for name, one in told.items()
            if name.startswith("slave") and isinstance(one, dict)
        )

    def is_watched(self) -> bool:
        """Whether each Sentinel knows both others and both replicas."""
        return all(self._knows_all(one) for one in self.sentinels)

    def _knows_all(self, sentinel: Member) -> bool:
        reply = sentinel.ask("SENTINEL", "MASTER", SERVICE)
        if not isinstance(reply, list):
            return False
        told = dict(zip(reply[::2], reply[1::2], strict=True))
        return (told[b"num-other-sentinels"], told[b"num-slaves"]) == (b"2", b"2")


@contextmanager
def watched_queue(binary: Path, folder: Path, host: str = "127.0.0.1") -> Iterator[WatchedQueue]:
    """Started on that address, and known to each other."""
    queue = WatchedQueue()
    try:
        for number in range(3):
            queue.servers.append(_server(binary, folder / f"server-{number}", queue.servers, host))
        until(lambda: queue.replicas_in_step() == 2)
        for number in range(3):
            queue.sentinels.append(
                _sentinel(binary, folder / f"sentinel-{number}", queue.servers[0])
            )
        until(queue.is_watched)
        yield queue
    finally:
        for member in (*queue.sentinels, *queue.servers):
            member.end()


def _server(binary: Path, folder: Path, others: Sequence[Member], host: str) -> Member:
    lines = [
        f"requirepass {PASSWORD}",
        f"masterauth {PASSWORD}",
        "appendonly yes",
        "appendfsync always",
        'save ""',
        "repl-diskless-sync-delay 0",
        *(f"replicaof {first.host} {first.port}" for first in others[:1]),
    ]
    return _started(binary, folder, lines, Member(words=(), port=0, password=PASSWORD, host=host))


def _sentinel(binary: Path, folder: Path, primary: Member) -> Member:
    lines = [
        f"requirepass {SENTINEL_PASSWORD}",
        f"sentinel monitor {SERVICE} {primary.host} {primary.port} 2",
        f"sentinel auth-pass {SERVICE} {PASSWORD}",
        f"sentinel down-after-milliseconds {SERVICE} 2500",
        f"sentinel failover-timeout {SERVICE} 8000",
    ]
    member = Member(words=("--sentinel",), port=0, password=SENTINEL_PASSWORD, host=primary.host)
    return _started(binary, folder, lines, member)


def _started(binary: Path, folder: Path, lines: Sequence[str], member: Member) -> Member:
    folder.mkdir(parents=True)
    file = folder / "queue.conf"
    member.port, host = free_port(), member.host
    common = [f"port {member.port}", f"bind {host}", f'dir "{folder}"', f'logfile "{folder}/log"']
    file.write_text("\n".join([*common, *lines, ""]), encoding="utf-8")
    member.words = (str(binary), str(file), *member.words)
    member.start()
    until(lambda: member.ask("PING") is not None)
    return member
