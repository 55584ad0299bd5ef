"""Secrets passed by environment, removed before anything else runs.

A secret is overwritten there, removed from `os.environ`, and cached in this process.
"""

import ctypes
import os
from pathlib import Path

PASSWORD_VARIABLE = "THAPCANH_ADMIN_PASSWORD"  # noqa: S105 the variable's name
"""Of a fresh site's first account; the centre's alone."""
_ENV_START, _ENV_END = 47, 48  # of /proc/self/stat, counted after the name (proc_pid_stat(5))
_acquired: dict[str, str] = {}


def pop_from_environment(name: str) -> str | None:
    """Return the variable's value, also when called again; remove it from the environment."""
    value = os.environ.pop(name, None)
    if value is not None:
        _acquired[name] = value
        _overwrite(os.fsencode(f"{name}={value}"))
    return _acquired.get(name)


def _overwrite(entry: bytes) -> None:
    """Write zeros over an entry where the kernel put it for `/proc`."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    start, end = int(fields[_ENV_START]), int(fields[_ENV_END])
    if not start < end:
        return  # the kernel does not say where
    block = ctypes.string_at(start, end - start)
    at = block.find(entry + b"\0")
    if at >= 0:
        ctypes.memset(start + at, 0, len(entry))
