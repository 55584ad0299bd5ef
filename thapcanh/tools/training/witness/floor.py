"""Shipped test candidates: features of burning things that teach no probe."""

import hashlib
from pathlib import Path

import numpy as np

from thapcanh.tools.training.errors import DataError
from thapcanh.tools.training.witness.fit import Taught

FLOOR = "floor.npz"
ONE_OF = 10
MOST = 40  # of each kind


def is_test(name: str) -> bool:
    """Return whether a picture of this name is reserved for tests."""
    return hashlib.sha256(name.encode()).digest()[0] % ONE_OF == 0


def write_floor(of: Taught, path: Path) -> None:
    """Store a limited choice of the candidates, by name."""
    chosen = np.zeros(len(of), np.bool_)
    for kind in (of.is_smoke, ~of.is_smoke):
        chosen[np.flatnonzero(kind)[:MOST]] = True
    retained = of.part(chosen)
    np.savez(
        path,
        features=retained.features.astype(np.float16),
        is_smoke=retained.is_smoke,
        names=np.array(retained.clips, dtype=np.str_),
    )


def read_floor(path: Path) -> Taught:
    """Return the test candidates. Raise `DataError`."""
    try:
        with np.load(path) as held:
            names = tuple(str(name) for name in held["names"])
            return Taught(
                features=np.asarray(held["features"], np.float32),
                is_smoke=np.asarray(held["is_smoke"], np.bool_),
                burns=np.ones(len(names), np.bool_),
                clips=names,
                places=names,
            )
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: no test candidates: {error}") from None
