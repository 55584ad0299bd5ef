"""The use of a token is noted where that can be written, and is no condition of reading."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import EVERYTHING, Role

NOW = 1000.0


def test_a_token_reads_on_a_full_disk_though_its_use_cannot_be_noted(
    sqlite_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sqlite_archive.database
    book = ApiTokenRepository(database)
    book.add(
        ApiToken(
            id="t", name="map", token_sha256="ab", roles=frozenset({Role.VIEWER}),
            powers=frozenset({"read"}), scope=EVERYTHING, created_at=NOW, expires_at=NOW + 1e6,
        )
    )  # fmt: skip

    @contextmanager
    def full() -> Iterator[sa.Connection]:
        raise ArchiveUnreachable("database or disk is full")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(database, "writing", full)
        found = book.find("ab", NOW + 700.0)
    assert found is not None
    assert found.used_at is None
    assert book.find("ab", NOW + 701.0) is not None
    assert [token.used_at for token in book.all()] == [NOW + 701.0]
