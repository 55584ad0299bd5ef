"""Facts of a cluster's machines.

The head publishes its own in the queue, so that a node can be refused before it joins; a node
stores its own in its data folder for its actor.
"""

import hashlib
import hmac
import json
import platform
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from thapcanh.config.files import create_file, replace_file
from thapcanh.config.site import Site

HEAD_TTL_S = 15.0
LEAST_TOKEN = 32
NODE_FILE = "node.json"
SHARES_DIR = "shares"


class TokenUnusable(Exception):
    """A missing or weak token; the message says what to do."""


def versions() -> dict[str, str]:
    """Return the versions that must be equal on every machine."""
    return {
        "thapcanh": metadata.version("thapcanh"),
        "ray": metadata.version("ray"),
        "python": platform.python_version(),
    }


def head_record(site: Site, unread: str | None = None) -> dict[str, Any]:
    """Return the head's record: address, versions and a proof of the token.

    `unread` is why its cameras are unknown.
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
    """Return the proof for a nonce that needs the token."""
    return hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def read_token(path: Path | None) -> str:
    """Return the cluster's token; raises `TokenUnusable`."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """One machine of the fleet. `cameras` is the initial capacity of each worker."""

    node: str
    address: str
    workers: int
    cameras: int
    areas: tuple[str, ...] = ()
    has_gpu: bool = False
    takes_tables: bool = False
    """Its workers are handed what their cameras are: it reads no registry."""

    def worker_ids(self) -> tuple[str, ...]:
        """Return the names of its workers, each with its own spool and share."""
        return tuple(f"{self.node}-{index}" for index in range(self.workers))


def share_path(cluster_dir: Path, worker_id: str) -> Path:
    return cluster_dir / SHARES_DIR / f"{worker_id}.json"


def write_facts(cluster_dir: Path, facts: NodeFacts) -> None:
    """Leave the facts for the node's actor."""
    cluster_dir.mkdir(parents=True, exist_ok=True)
    replace_file(cluster_dir / NODE_FILE, json.dumps(asdict(facts)))


def read_facts(cluster_dir: Path) -> NodeFacts:
    """Read the facts of this node; raises `OSError` or `ValueError`."""
    return facts_of(json.loads((cluster_dir / NODE_FILE).read_text(encoding="utf-8")))


def facts_of(content: Mapping[str, Any]) -> NodeFacts:
    """Return the facts in a JSON object; other keys are ignored."""
    values = {
        field.name: content[field.name] for field in fields(NodeFacts) if field.name in content
    }
    return NodeFacts(**values | {"areas": tuple(values["areas"])})


def _why(error: Exception) -> str:
    return error.strerror or "unreadable" if isinstance(error, OSError) else "not ASCII text"
