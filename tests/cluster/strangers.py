"""Machines that must not join, and what they are told; the cluster must not notice them."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.city import City
from tests.cluster.hosts import SERVERS
from tests.cluster.phases import say


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stranger:
    """One that tries, and the words that it must be told."""

    said: str
    node: str = "x"
    address: str = SERVERS
    options: Sequence[str] = ()
    other: Mapping[str, str] = field(default_factory=dict)
    python_path: Path | None = None


def not_refused(city: City) -> list[str]:
    """Let each try; return what went wrong.

    Another clock is tried in `test_admission.py` alone: namespaces of one machine have one clock.
    """
    before, found = city.run("cluster", "status").stdout, list[str]()
    with _small_disk(city.folder / "full") as full:
        for one in _strangers(city, full):
            done = city.join_by_hand(
                one.node, ("--address", one.address, *one.options),
                other=one.other, python_path=one.python_path,
            )  # fmt: skip
            say(done.stderr.strip())
            if done.returncode == 0 or one.said not in done.stderr:
                found.append(f"{one.said}: {done.returncode} {done.stderr}")
    if city.run("cluster", "status").stdout != before:
        found.append("the cluster was changed by who was refused")
    return found


def _strangers(city: City, full: Path) -> Iterator[_Stranger]:
    token = city.folder / "wrong.token"
    token.write_text("0" * 64, encoding="ascii")
    token.chmod(0o600)
    yield _Stranger(said="the token is not the cluster's", other={"cluster.token": token.name})
    yield _Stranger(said="no GPU can be used here", options=("--gpu",))
    yield _Stranger(said="is not an address of this machine", address="10.99.0.77")
    yield _Stranger(said="is that of 10.99.0.11", node="a")
    yield _Stranger(said="MB are needed: make room", other={str(city.data("servers")): str(full)})
    yield _Stranger(
        said="thapcanh is 9.9.9 here and", python_path=_another_version(city.folder / "version")
    )


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 64 MB."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _another_version(folder: Path) -> Path:
    """What Python reads as the version of an installed package, before the real one."""
    facts = folder / "thapcanh-9.9.9.dist-info" / "METADATA"
    facts.parent.mkdir(parents=True)
    facts.write_text("Metadata-Version: 2.1\nName: thapcanh\nVersion: 9.9.9\n", encoding="ascii")
    return folder
