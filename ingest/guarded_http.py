"""Guarded HTTP connections for `requests` and urllib3."""

import socket
from typing import Any

from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from thapcanh.ingest.address_guard import AddressGuard

_CONNECT_WITHIN_S = 10.0


def guarded(session: Session, guard: AddressGuard) -> None:
    """Install the guard on a session, for http and https."""
    adapter = _GuardedAdapter(guard)
    session.mount("http://", adapter)
    session.mount("https://", adapter)


def guarded_pool(pool: type[HTTPConnectionPool], guard: AddressGuard) -> type[HTTPConnectionPool]:
    """Return a subclass of `pool` whose connections the guard makes."""

    class GuardedConnection(pool.ConnectionCls):  # type: ignore[name-defined, misc]
        def _new_conn(self) -> socket.socket:
            timeout_s = self.timeout if isinstance(self.timeout, int | float) else _CONNECT_WITHIN_S
            try:
                line = guard.connect(self.host, self.port, timeout_s)
            except TimeoutError as error:
                raise ConnectTimeoutError(self, "no connection in time") from error
            except OSError as error:
                why = error.strerror or type(error).__name__
                raise NewConnectionError(self, why) from error
            for option in self.socket_options or ():
                line.setsockopt(*option)
            return line

    return type("GuardedPool", (pool,), {"ConnectionCls": GuardedConnection})


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        super().__init__()

    def init_poolmanager(self, *settings: Any, **more: Any) -> None:
        """Override the library's pool classes."""
        super().init_poolmanager(*settings, **more)
        self.poolmanager.pool_classes_by_scheme = {
            "http": guarded_pool(HTTPConnectionPool, self._guard),
            "https": guarded_pool(HTTPSConnectionPool, self._guard),
        }
