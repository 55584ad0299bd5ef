"""What the head says of itself in the queue, so that a node can be refused before it joins."""

import hashlib
import hmac
import platform
import secrets
from importlib import metadata
from pathlib import Path
from typing import Any

from config.files import create_file
from config.site import Site

HEAD_TTL_S = 15.0
LEAST_TOKEN = 32


class TokenUnusable(Exception):
    """There is no token, or a weak one; the message says what to do."""


def versions() -> dict[str, str]:
    """What must be the same on every machine of a cluster."""
    return {
        "thapcanh": metadata.version("thapcanh"),
        "ray": metadata.version("ray"),
        "python": platform.python_version(),
    }


def head_record(site: Site, unread: str | None = None) -> dict[str, Any]:
    """The head's word: where it is, its versions, and a proof that it has the token.

    `unread` is why it does not know which cameras there are.
    """
    nonce = secrets.token_hex(16)
    return {
        "head": site.cluster.head,
        "versions": versions(),
        "unread": unread,
        "nonce": nonce,
        "proof": proof(read_token(site.cluster.token_file), nonce),
    }


def proof(token: str, nonce: str) -> str:
    """What only who has the token can say of a nonce."""
    return hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def read_token(path: Path | None) -> str:
    """The cluster's token; raises `TokenUnusable`."""
    way_out = "`thapcanh cluster token FILE` makes one; copy it to every machine"
    if path is None:
        raise TokenUnusable(f"[cluster] token_file is not set: {way_out}")
    try:
        facts = path.stat()
        token = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise TokenUnusable(f"the token {path} cannot be read ({_why(error)}): {way_out}") from None
    if facts.st_mode & 0o077:
        raise TokenUnusable(f"others may read the token {path}: chmod 600 {path}")
    if len(token) < LEAST_TOKEN:
        raise TokenUnusable(f"the token {path} is shorter than {LEAST_TOKEN} characters: {way_out}")
    return token


def make_token(path: Path) -> None:
    """Write a new token that only its owner may read; raises `FileExistsError`, `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    create_file(path, secrets.token_hex(32) + "\n", private=True)


def _why(error: Exception) -> str:
    return error.strerror or "unreadable" if isinstance(error, OSError) else "not ASCII text"
