"""What a frozen or lost client left behind on PostgreSQL ends by the server's own limits."""

from collections.abc import Callable
from contextlib import closing

import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer
from tests.source_trees import ROOMS, modules_of
from thapcanh.alerts.store.coordination.session import ArchiveSession
from thapcanh.alerts.store.database import Database

_LIMITS = {
    "tcp_user_timeout": "10000",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "client_connection_check_interval": "2s",
    "lock_timeout": "30s",
}
_IDLE = "idle_in_transaction_session_timeout"


def _limits(value_of: Callable[[str], object]) -> dict[str, object]:
    return {name: value_of(name) for name in _LIMITS}


@pytest.mark.parametrize(
    ("kind", "idle"), [("reading", "10min"), ("writing", "8s"), ("unsealed", "8s")]
)
def test_a_transaction_that_stands_still_is_ended_before_another_centre_takes_over(
    postgres: PostgresServer, kind: str, idle: str
) -> None:
    url = postgres.new_archive()
    with closing(Database(url)) as database:
        for _ in range(2):  # the second time in a session that was used before
            with getattr(database, kind)() as connection:

                def value_of(name: str, within: sa.Connection = connection) -> object:
                    return within.execute(sa.text(f"SHOW {name}")).scalar_one()

                assert _limits(value_of) == _LIMITS
                assert value_of(_IDLE) == idle
    postgres.give_back(url)


def test_a_session_of_its_own_has_the_same_limits(postgres: PostgresServer) -> None:
    url = postgres.new_archive()
    with closing(ArchiveSession(url, "a")) as session:
        assert _limits(lambda name: session.scalar(sa.text(f"SHOW {name}"))) == _LIMITS
    postgres.give_back(url)


def test_every_module_that_opens_sessions_limits_them() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in modules_of(*ROOMS)}
    opening = {path for path, text in texts.items() if "create_engine(" in text}
    opening |= {path for path, text in texts.items() if "psycopg.connect(" in text}
    assert opening
    unlimited = {path for path in opening if '"connect", limit_session)' not in texts[path]}
    assert not unlimited
