"""A TCP port of this machine for a server that is started later, by another process."""

import random
import socket
from contextlib import suppress
from pathlib import Path

_PORTS_OF_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_FIRST = 32_768
_LOWEST, _END = 20_000, 65_536
_ENOUGH = 1_000
_TRIES = 100


def free_port(connections: Path = _PORTS_OF_CONNECTIONS) -> int:
    """Return an unused port on 127.0.0.1.

    Ports for outgoing connections (`connections` names them) are avoided: on a busy machine they
    are taken before the server listens. Raises `OSError` if none is found.
    """
    above = _first_of(connections)
    for _ in range(_TRIES):
        port = random.randrange(_LOWEST, above)  # noqa: S311 - no secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no port from {_LOWEST} to {above - 1} is free on 127.0.0.1")


def _first_of(connections: Path) -> int:
    """Return the lowest port for outgoing connections; the highest of all if that is too low."""
    try:
        first = int(connections.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return _USUAL_FIRST
    return first if first >= _LOWEST + _ENOUGH else _END
