"""Sealed tables open with their cluster's token, at their node, for their epoch, and unchanged."""

from pathlib import Path

import pytest

from thapcanh.app.cluster.share_tables import (
    Tables,
    TablesRefused,
    open_tables,
    seal_tables,
    write_ray_token,
)

TOKEN, OTHER = "a" * 64, "b" * 64
TABLES: dict[str, Tables] = {"n-0": {"cameras": [{"id": "gate", "source": "rtsp://u:hush@h/1"}]}}


def test_what_is_sealed_says_nothing_and_opens_again() -> None:
    sealed = seal_tables(TOKEN, "n", 7, TABLES)
    assert b"hush" not in sealed
    assert b"gate" not in sealed
    assert sealed != seal_tables(TOKEN, "n", 7, TABLES), "the same twice would be told apart"
    assert open_tables(TOKEN, "n", 7, sealed) == TABLES


@pytest.mark.parametrize(
    ("token", "node", "epoch"), [(OTHER, "n", 7), (TOKEN, "m", 7), (TOKEN, "n", 8)]
)
def test_another_cluster_node_or_epoch_is_refused(token: str, node: str, epoch: int) -> None:
    with pytest.raises(TablesRefused, match="copy the head's token file"):
        open_tables(token, node, epoch, seal_tables(TOKEN, "n", 7, TABLES))


@pytest.mark.parametrize("place", [0, 12, -1])
def test_a_changed_byte_is_refused(place: int) -> None:
    sealed = bytearray(seal_tables(TOKEN, "n", 7, TABLES))
    sealed[place] ^= 1
    with pytest.raises(TablesRefused):
        open_tables(TOKEN, "n", 7, bytes(sealed))


@pytest.mark.parametrize("garbage", [b"", b"short", bytes(64)])
def test_what_is_no_sealed_table_is_refused(garbage: bytes) -> None:
    with pytest.raises(TablesRefused):
        open_tables(TOKEN, "n", 7, garbage)


def test_rays_own_token_is_not_the_clusters(tmp_path: Path) -> None:
    """Ray says it on the network in clear: with the cluster's the tables were open there."""
    path = tmp_path / "ray.token"
    for _ in range(2):
        write_ray_token(TOKEN, path)
    said = path.read_text(encoding="ascii").strip()
    assert path.stat().st_mode & 0o077 == 0
    assert TOKEN not in said
    with pytest.raises(TablesRefused):
        open_tables(said, "n", 7, seal_tables(TOKEN, "n", 7, TABLES))
    write_ray_token(OTHER, path)
    assert path.read_text(encoding="ascii").strip() != said
