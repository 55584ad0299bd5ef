"""A camera behind TLS: certificates of every kind, and a server with TLS before a simulator."""

import contextlib
import datetime
import ipaddress
import selectors
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.patience import PATIENCE_S

_DAY = datetime.timedelta(days=1)


def certificate(folder: Path, *, host: str = "127.0.0.1", expired: bool = False) -> Path:
    """A self-signed certificate with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.datetime.now(datetime.UTC)
    ends = now - _DAY if expired else now + 30 * _DAY
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 10 * _DAY)
        .not_valid_after(ends)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}-{expired}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@contextmanager
def behind_tls(port: int, pem: Path) -> Iterator[int]:
    """The port of a server that shows this certificate and leads to 127.0.0.1:`port`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_accept, args=(door, port, context), daemon=True)
        thread.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            with contextlib.suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE_S)


def _accept(door: socket.socket, port: int, context: ssl.SSLContext) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        threading.Thread(target=_carry, args=(line, port, context), daemon=True).start()


def _carry(line: socket.socket, port: int, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError), line:
        line.settimeout(5)
        with (
            context.wrap_socket(line, server_side=True) as caller,
            socket.create_connection(("127.0.0.1", port)) as camera,
            selectors.DefaultSelector() as selector,
        ):
            for one, other in ((caller, camera), (camera, caller)):
                selector.register(one, selectors.EVENT_READ, other)
            while True:
                for key, _ in [] if caller.pending() else selector.select(10):
                    source, target = key.fileobj, key.data
                    if not _passed(source, target):
                        return
                if caller.pending() and not _passed(caller, camera):
                    return


def _passed(source: object, target: socket.socket) -> bool:
    assert isinstance(source, socket.socket)
    data = source.recv(65536)
    if data:
        target.sendall(data)
    return bool(data)
