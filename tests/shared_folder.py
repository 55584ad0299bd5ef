"""What is dear to make is made once a run, whatever the number of test processes."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def folder_of_run(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder that the processes of this run share."""
    root = factory.getbasetemp()
    return root.parent if "PYTEST_XDIST_WORKER" in os.environ else root


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The file or folder that `make(path)` makes for the first process that asks.

    Nobody may write it. What a `make` that failed has left is not taken for whole.
    """
    path = folder_of_run(factory) / name
    with path.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            half = path.with_name(f"half-{name}")
            make(half)
            half.rename(path)
    return path
