"""Cameras' logins on their way from the head to a node: Ray carries them sealed.

Ray does not encrypt, and says its own token on the network in clear. So it is given a token made
from the cluster's, which does not lead back, and the tables are sealed by a key made from it too:
who listens there reads neither. A sealed table opens at the node and for the epoch that it was
made for, and nowhere else.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.cluster.handed_tables import Tables
from config.files import replace_file

_NONCE_BYTES = 12
_TABLES, _RAY = b"thapcanh.handed-tables.v1", b"thapcanh.ray-token.v1"


class TablesRefused(Exception):
    """What came is not sealed for this node and epoch by the cluster's token."""


def seal_tables(token: str, node: str, epoch: int, tables: Mapping[str, Tables]) -> bytes:
    """The tables of a node's workers, readable with the cluster's token alone."""
    nonce = os.urandom(_NONCE_BYTES)
    text = json.dumps(tables, default=str)  # of TOML's own kinds: dates and times
    return nonce + AESGCM(_derived(token, _TABLES)).encrypt(
        nonce, text.encode(), _bound(node, epoch)
    )


def open_tables(token: str, node: str, epoch: int, sealed: bytes) -> dict[str, Tables]:
    """The tables by worker; raises `TablesRefused`."""
    try:
        text = AESGCM(_derived(token, _TABLES)).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(node, epoch)
        )
    except (InvalidTag, ValueError):  # ValueError: too short to be one
        raise TablesRefused(
            f"{node} was handed cameras that are not sealed for it and epoch {epoch} by its "
            "cluster's token: copy the head's token file, and start the node again"
        ) from None
    opened: dict[str, Tables] = json.loads(text)
    return opened


def write_ray_token(token: str, path: Path) -> None:
    """Write what Ray's processes show each other; it does not lead back to the token."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, _derived(token, _RAY).hex() + "\n", private=True)


def _derived(token: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(token.encode())


def _bound(node: str, epoch: int) -> bytes:
    return json.dumps([node, epoch]).encode()
