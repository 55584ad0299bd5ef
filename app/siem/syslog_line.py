"""Connection to a syslog receiver: TLS (RFC 5425), TCP (RFC 6587, counted), UDP (RFC 5426).

Blocking, bounded by `timeout_s`; raises `OSError` (also for TLS) and `AddressRefused`.
"""

import socket
import ssl
from collections.abc import Iterable

from thapcanh.config.servers.siem import SiemConfig
from thapcanh.ingest.address_guard import AddressGuard
from thapcanh.ingest.tcp_queue import unacknowledged_bytes

_TIMEOUT_S = 10.0
_SILENT_MS = 20_000  # what is not acknowledged within this ends the connection


class SyslogLine:
    """Connection owned by one thread; any thread may call `give_up`."""

    def __init__(self, config: SiemConfig, guard: AddressGuard) -> None:
        self._is_datagram = config.scheme == "udp"
        if self._is_datagram:
            self._socket = _datagrams(config, guard)
            return
        self._socket = guard.connect(config.host, config.port, _TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENT_MS)
        if config.scheme == "tls":
            self._socket = _secured(self._socket, config)

    def send(self, messages: Iterable[bytes]) -> None:
        """Hand the messages to the system."""
        if self._is_datagram:
            for message in messages:
                self._socket.send(message)
            return
        self._socket.sendall(b"".join(b"%d %s" % (len(item), item) for item in messages))

    def is_acknowledged(self) -> bool:
        """Return True if TCP acknowledged everything. Raise `OSError` if the peer is gone."""
        if self._is_datagram:
            return True
        self._check_open()
        return unacknowledged_bytes(self._socket.fileno()) == 0

    def give_up(self) -> None:
        """Interrupt a waiting owner."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        """Let it go; calling twice is fine."""
        self._socket.close()

    def _check_open(self) -> None:
        """Raise if the peer closed the connection; receivers never send data."""
        self._socket.settimeout(0)
        try:
            if not self._socket.recv(4096):
                raise ConnectionResetError("the receiver ended the connection")
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        finally:
            self._socket.settimeout(_TIMEOUT_S)


def _datagrams(config: SiemConfig, guard: AddressGuard) -> socket.socket:
    address = guard.judged(config.host, config.port)[0]
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = socket.socket(kind, socket.SOCK_DGRAM)
    try:
        found.connect((address, config.port))
    except OSError:
        found.close()
        raise
    return found


def _secured(plain: socket.socket, config: SiemConfig) -> socket.socket:
    try:
        context = ssl.create_default_context(cafile=config.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if config.certificate is not None:
            context.load_cert_chain(config.certificate, config.key)
        return context.wrap_socket(plain, server_hostname=config.host)
    except OSError:
        plain.close()
        raise


def cause_of(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS fails: {error.reason or 'no secure connection'}"
    return f"no connection: {error.strerror or error or type(error).__name__}"
