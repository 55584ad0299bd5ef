"""TLS relay on this machine that verifies a camera's certificate.

libav accepts any certificate for RTSP, so it gets the relay's address; the camera's certificate is
checked before the login is sent. One thread per connection, limited in memory.
"""

import contextlib
import hashlib
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from thapcanh.config.camera import TlsTrust
from thapcanh.ingest.address_guard import Endpoint
from thapcanh.ingest.errors import CertificateRefused

NOT_PINNED = "it is not the pinned one"
NOT_SIGNED = "it is not signed by anyone known"
_CERTIFICATES = {
    NOT_PINNED: "certificate_not_pinned",
    NOT_SIGNED: "certificate_not_signed",
    "self-signed certificate": "certificate_not_signed",
    "self-signed certificate in certificate chain": "certificate_not_signed",
    "unable to get local issuer certificate": "certificate_not_signed",
    "certificate has expired": "certificate_expired",
    "certificate is not yet valid": "certificate_early",
}
"""OpenSSL's words, and our own, to the code of a refusal."""
_CHUNK_BYTES = 64 * 1024
_MOST_HELD_BYTES = 4 * _CHUNK_BYTES
_END_MARK = "-----END CERTIFICATE-----"
_MOST_CALLERS = 4  # of one source: its playlist and the pieces that are being read
_END_WITHIN_S = 5.0
_FINGERPRINT_WITHIN_S = 3.0


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate in DER, in hexadecimal digits: what `tls_pin` is compared with."""
    return hashlib.sha256(certificate).hexdigest()


def connected(far: Endpoint, trust: TlsTrust, shown: str, timeout_s: float) -> ssl.SSLSocket:
    """Connect to a camera with a trusted certificate.

    Raise `CertificateRefused` with the reason and the fingerprint, or `OSError`.
    """
    refused: CertificateRefused | None = None
    line = far.connect(timeout_s)
    try:
        secured = tls_context(trust).wrap_socket(line, server_hostname=far.host)
    except ssl.SSLCertVerificationError as error:
        line.close()
        refused = refused_by_verification(shown, error.verify_message or NOT_SIGNED, far)
    except BaseException:
        line.close()
        raise
    if refused is not None:
        raise refused
    observed = fingerprint(secured.getpeercert(binary_form=True) or b"")
    if trust.pin is not None and observed != trust.pin:
        secured.close()
        raise certificate_refused(shown, NOT_PINNED, observed)
    return secured


def fingerprint_of_file(pem: Path) -> str | None:
    """Return the fingerprint of a PEM file's first certificate, or None."""
    try:
        text = pem.read_text(encoding="ascii")
        begin = text.index("-----BEGIN CERTIFICATE-----")
        return fingerprint(
            ssl.PEM_cert_to_DER_cert(text[begin : text.index(_END_MARK) + len(_END_MARK)])
        )
    except (OSError, ValueError):
        return None


def fingerprint_of(far: Endpoint, timeout_s: float = _FINGERPRINT_WITHIN_S) -> str | None:
    """Return the fingerprint of whatever certificate is presented; None without TLS."""
    try:
        with (
            far.connect(timeout_s) as line,
            tls_context(TlsTrust(insecure=True)).wrap_socket(
                line, server_hostname=far.host
            ) as secured,
        ):
            return fingerprint(secured.getpeercert(binary_form=True) or b"")
    except OSError:
        return None


@contextmanager
def tls_relay(far: Endpoint, trust: TlsTrust, shown: str, timeout_s: float) -> Iterator[int]:
    """Yield the port of a relay on 127.0.0.1 until the block ends; raise as `connected`."""
    camera = connected(far, trust, shown, timeout_s)
    with camera, socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_serve, args=(door, camera), name="tls", daemon=True)
        thread.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            for line in (door, camera):
                _end(line)
            thread.join(_END_WITHIN_S)


@contextmanager
def tls_door(far: Endpoint, trust: TlsTrust, shown: str, timeout_s: float) -> Iterator[int]:
    """Yield the port of a relay for callers that connect repeatedly, as by HTTP.

    Every connection is checked by itself; an untrusted one is closed.
    """
    first = connected(far, trust, shown, timeout_s)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = _Door(listener, first, lambda: connected(far, trust, shown, timeout_s))
        thread = threading.Thread(target=door.run, name="tls", daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            _end(listener)
            thread.join(_END_WITHIN_S)
            door.end()


def tls_context(trust: TlsTrust) -> ssl.SSLContext:
    """Return a context that verifies as `trust` says; the caller compares a pin.

    Raise `OSError`.
    """
    context = ssl.create_default_context(cafile=None if trust.ca is None else str(trust.ca))
    if trust.pin is not None or trust.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # keys of old cameras are short
    return context


def refused_by_verification(shown: str, why: str, far: Endpoint) -> CertificateRefused:
    """Return the error of a failed verification, with the fingerprint presented there."""
    return certificate_refused(shown, why, fingerprint_of(far))


def certificate_refused(shown: str, why: str, observed: str | None) -> CertificateRefused:
    """Return the error that names the fingerprint as it would be pinned."""
    pin = f'tls_pin = "{observed}"' if observed else "tls_pin"
    return CertificateRefused(
        shown,
        problem=f"its certificate is not believed: {why}",
        way_out=f"if it is this camera's own, write {pin}, or name its authority as tls_ca",
        fingerprint=observed,
        code=_CERTIFICATES.get(why, "certificate_other"),
        why=why,
    )


def _serve(door: socket.socket, camera: ssl.SSLSocket) -> None:
    with contextlib.suppress(OSError):
        caller, _ = door.accept()
        with caller:
            _Carrier(caller, camera).run()
        _end(camera)


class _Door:
    """Listener for a few callers at once; the first uses the connection already checked."""

    def __init__(
        self, listener: socket.socket, first: ssl.SSLSocket, connect: Callable[[], ssl.SSLSocket]
    ) -> None:
        self._listener = listener
        self._first: ssl.SSLSocket | None = first
        self._connect = connect
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Accept callers until the listener is closed."""
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self._threads = [one for one in self._threads if one.is_alive()]
            if len(self._threads) >= _MOST_CALLERS:
                caller.close()
                continue
            camera, self._first = self._first, None
            carrying = threading.Thread(
                target=self._carry, args=(caller, camera), name="tls", daemon=True
            )
            self._threads.append(carrying)
            carrying.start()

    def end(self) -> None:
        """Close what is carried; call it after `run`."""
        if self._first is not None:
            self._first.close()
        with self._lock:
            lines = tuple(self._lines)
        for line in lines:
            _end(line)
        for thread in self._threads:
            thread.join(_END_WITHIN_S)

    def _carry(self, caller: socket.socket, camera: ssl.SSLSocket | None) -> None:
        refused = contextlib.suppress(OSError, CertificateRefused)
        with caller, refused, camera or self._connect() as line:
            with self._lock:
                self._lines |= {caller, line}
            try:
                _Carrier(caller, line).run()
            finally:
                with self._lock:
                    self._lines -= {caller, line}


class _Carrier:
    """Copy of bytes in both directions on one thread, as TLS requires."""

    def __init__(self, caller: socket.socket, camera: ssl.SSLSocket) -> None:
        self._caller, self._camera = caller, camera
        self._to_caller, self._to_camera = bytearray(), bytearray()
        self._over = False

    def run(self) -> None:
        """Carry data until either side ends."""
        self._caller.setblocking(False)
        self._camera.setblocking(False)
        with selectors.DefaultSelector() as selector:
            for line in (self._caller, self._camera):
                selector.register(line, selectors.EVENT_READ)
            while not self._over:
                self._read(self._camera, self._to_caller)
                self._read(self._caller, self._to_camera)
                self._write(self._caller, self._to_caller)
                self._write(self._camera, self._to_camera)
                if self._over or self._camera.pending():
                    continue
                selector.modify(self._caller, _events(self._to_camera, self._to_caller))
                selector.modify(self._camera, _events(self._to_caller, self._to_camera))
                selector.select()
        self._hand_over_rest()

    def _hand_over_rest(self) -> None:
        """Send what the camera sent before it closed; an HTTP response may end so."""
        with contextlib.suppress(OSError):
            self._caller.settimeout(_END_WITHIN_S)
            self._caller.sendall(self._to_caller)

    def _read(self, source: socket.socket, held: bytearray) -> None:
        if len(held) >= _MOST_HELD_BYTES:
            return
        try:
            data = source.recv(_CHUNK_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            data = b""
        if not data:
            self._over = True
        held += data

    def _write(self, target: socket.socket, held: bytearray) -> None:
        if not held:
            return
        try:
            del held[: target.send(held)]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            self._over = True


def _events(inwards: bytearray, outwards: bytearray) -> int:
    """Return the events to wait for; a line whose reader is full is watched but not read."""
    reads = selectors.EVENT_READ if len(inwards) < _MOST_HELD_BYTES else 0
    writes = selectors.EVENT_WRITE if outwards else 0
    return reads | writes or selectors.EVENT_READ


def _end(line: socket.socket) -> None:
    """Wake the waiting thread; the TLS of it is left alone, another thread may be in it."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)
