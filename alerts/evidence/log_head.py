"""Signed statement of the action log's end, for storage elsewhere."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORM = "thapcanh.log-head.v1"
_SIGNED = ("form", "site", "at", "seq", "hash")


class LogHeadError(Exception):
    """Unusable statement or key; the message contains no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """End of the log at one time."""

    site: str
    at: float
    seq: int
    hash: str


def new_key(path: Path) -> str:
    """Make a key file (mode 0600) and return the public half."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from thapcanh.alerts.queue.workers.worker_keys import write_key

    private = Ed25519PrivateKey.generate()
    write_key(path, private.private_bytes_raw())
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def signed(head: LogHead, key_file: Path | None) -> dict[str, Any]:
    """Return the statement, unsigned without a key. Raise `LogHeadError`."""
    logged = {"form": FORM, "site": head.site, "at": head.at, "seq": head.seq, "hash": head.hash}
    if key_file is None:
        return logged
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        raw = base64.b64decode(key_file.read_text(encoding="ascii").strip(), validate=True)
        key = Ed25519PrivateKey.from_private_bytes(raw)
    except (OSError, ValueError) as error:
        raise LogHeadError(f"the key {key_file} cannot be used: {_why(error)}") from None
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    return {
        **logged,
        "public": public,
        "sig": base64.b64encode(key.sign(_payload(logged))).decode(),
    }


def read(path: Path, public: str | None) -> LogHead:
    """Read a statement; verify its signature if `public` is given."""
    try:
        logged: Any = json.loads(path.read_bytes())
        head = LogHead(
            site=str(logged["site"]), at=float(logged["at"]), seq=int(logged["seq"]),
            hash=str(logged["hash"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        raise LogHeadError(f"{path} is not a statement of a log's end") from None
    if public is not None:
        _check(path, logged, public)
    return head


def _check(path: Path, logged: Mapping[str, Any], public: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(str(logged.get("sig", "")), validate=True), _payload(logged))
    except (InvalidSignature, ValueError):
        raise LogHeadError(f"{path} is not signed by the key given") from None


def _payload(logged: Mapping[str, Any]) -> bytes:
    retained = {name: logged[name] for name in _SIGNED}
    return json.dumps(retained, sort_keys=True, ensure_ascii=True).encode()


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or "it is not a key")
