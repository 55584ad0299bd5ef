"""Start of Ray's processes: command line, environment, clean-up of earlier ones.

`become_ray` replaces this process, so that the supervisor manages Ray itself. Ray's dashboard,
usage statistics and log shipping are off. Remains of an earlier start are found by a mark in their
environment and ended, because Ray would refuse to start; no other process is touched.
"""

import hashlib
import json
import os
import signal
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from thapcanh.config.credentials import KEY_FILE_VARIABLE
from thapcanh.ingest.child_process import plain_environment

NAMESPACE = "thapcanh"
HEAD_RESOURCE = "thapcanh-head"
NODE_LABEL = "thapcanh-node"
CLUSTER_DIR = "THAPCANH_CLUSTER_DIR"
CLUSTER_KEY_VARIABLE = "THAPCANH_CLUSTER_TOKEN_FILE"
_MARK = "THAPCANH_RAY"
_STORE_BYTES = 78_643_200  # the least that Ray takes: shares are small
_LONGEST_TEMP = 40  # Ray's sockets lie below, and their paths end at 107 bytes
_HEALTH = {
    # A dead node is known after about 6 s; by default it takes 15 s.
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 1000,
    "health_check_failure_threshold": 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Where Ray runs. `node` is None on the head; `token_file` is the cluster's, not Ray's."""

    head: str
    address: str
    token_file: Path
    cluster_dir: Path
    node: str | None = None


def node_resource(node: str) -> str:
    """Return the Ray resource of only this node, which pins its actor."""
    return f"thapcanh-node-{node}"


def become_ray(settings: EngineSettings) -> NoReturn:
    """End the remains of an earlier start, and exec `ray start --block`.

    Raises `PermissionError` if Ray's folder belongs to another user.
    """
    _own(temp_dir(settings.cluster_dir).parent)
    environment = ray_environment(settings, os.environ)
    end_leftovers(environment[_MARK])
    arguments = [sys.executable, "-P", "-m", "ray.scripts.scripts", *ray_arguments(settings)]
    os.execve(sys.executable, arguments, environment)  # noqa: S606 a fixed argument list


def ray_arguments(settings: EngineSettings) -> list[str]:
    """Return the arguments of `ray` for this machine."""
    common = [
        "start", "--block", "--disable-usage-stats", "--include-log-monitor=false",
        f"--node-ip-address={settings.address}", "--num-cpus=0", "--num-gpus=0",
        f"--object-store-memory={_STORE_BYTES}", f"--temp-dir={temp_dir(settings.cluster_dir)}",
    ]  # fmt: skip
    if settings.node is not None:
        resources = json.dumps({node_resource(settings.node): 1})
        return [
            *common, f"--address={settings.head}", f"--resources={resources}",
            f"--labels={NODE_LABEL}={settings.node}",
        ]  # fmt: skip
    port = settings.head.rpartition(":")[2]
    return [
        *common, "--head", f"--port={port}", "--include-dashboard=false", "--no-monitor",
        f"--resources={json.dumps({HEAD_RESOURCE: 1})}", f"--system-config={json.dumps(_HEALTH)}",
    ]  # fmt: skip


def ray_environment(settings: EngineSettings, parent_env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of Ray's processes: no secret, only the token's path.

    The head's Fleet sends the cameras' logins, so it also gets the path of their key.
    """
    names = {KEY_FILE_VARIABLE} if settings.node is None else set()
    return {
        **plain_environment(parent_env),
        **{name: parent_env[name] for name in names if name in parent_env},
        **client_environment(settings.cluster_dir),
        _MARK: str(settings.cluster_dir),
        CLUSTER_DIR: str(settings.cluster_dir),
        CLUSTER_KEY_VARIABLE: str(settings.token_file),
    }


def ray_token_file(cluster_dir: Path) -> Path:
    """Return the file of Ray's own token, which Ray sends in clear text."""
    return cluster_dir / "ray.token"


def client_environment(cluster_dir: Path) -> dict[str, str]:
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(ray_token_file(cluster_dir)),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "RAY_gcs_rpc_server_reconnect_timeout_s": "30",  # then it ends, and is started again
    }


def end_leftovers(mark: str) -> int:
    """Kill processes that bear this mark; returns how many."""
    ended = 0
    for pid in _marked(f"{_MARK}={mark}".encode()):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
            ended += 1
    return ended


def _marked(mark: bytes) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)


def temp_dir(cluster_dir: Path) -> Path:
    """Return Ray's folder, inside a private one, because Ray makes its own world-readable.

    It is below the cluster's folder, or in /tmp if that path is too long for sockets.
    """
    preferred = cluster_dir / "ray"
    if len(str(preferred)) <= _LONGEST_TEMP:
        return preferred
    name = hashlib.blake2b(str(preferred).encode(), digest_size=6).hexdigest()
    return Path(tempfile.gettempdir()) / f"thapcanh-{name}" / "ray"


def _own(folder: Path) -> None:
    """Make a folder that only we may enter. Raise `PermissionError` where it is another's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise PermissionError(f"{folder} is not a folder of ours alone: remove it")
