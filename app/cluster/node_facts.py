"""What a node says of itself when it joins, kept in its data folder for its actor."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from config.files import replace_file

NODE_FILE = "node.json"
SHARES_DIR = "shares"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """One machine of the fleet. `cameras` is what each of its workers may be given at first."""

    node: str
    address: str
    workers: int
    cameras: int
    areas: tuple[str, ...] = ()
    has_gpu: bool = False
    takes_tables: bool = False
    """Its workers are handed what their cameras are: it reads no registry."""

    def worker_ids(self) -> tuple[str, ...]:
        """Its workers' names, each with a spool and a share of its own."""
        return tuple(f"{self.node}-{index}" for index in range(self.workers))


def share_path(cluster_dir: Path, worker_id: str) -> Path:
    """The file that one worker's share is handed over in."""
    return cluster_dir / SHARES_DIR / f"{worker_id}.json"


def write_facts(cluster_dir: Path, facts: NodeFacts) -> None:
    """Leave the facts for the node's actor."""
    cluster_dir.mkdir(parents=True, exist_ok=True)
    replace_file(cluster_dir / NODE_FILE, json.dumps(asdict(facts)))


def read_facts(cluster_dir: Path) -> NodeFacts:
    """Read the facts of this node; raises `OSError` or `ValueError`."""
    return facts_of(json.loads((cluster_dir / NODE_FILE).read_text(encoding="utf-8")))


def facts_of(content: Mapping[str, Any]) -> NodeFacts:
    """Facts as they come from JSON; what else stands beside them is left out."""
    known = {one.name: content[one.name] for one in fields(NodeFacts) if one.name in content}
    return NodeFacts(**known | {"areas": tuple(known["areas"])})
