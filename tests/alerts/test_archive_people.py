"""Accounts, sessions and lockout, on SQLite and PostgreSQL."""

import dataclasses

import pytest

from alerts.archive import Archive, User
from alerts.archive.engine import Database
from alerts.archive.people import LockoutSettings, lockout
from alerts.roles import EVERYTHING, Role, Scope

NOW = 1_800_000_000.0
AN = User(
    username="an",
    name="Nguyễn Văn An",
    roles=frozenset({Role.OPERATOR}),
    locale="vi",
    password_hash="$argon2id$made-elsewhere",
    scope=Scope(agencies=frozenset({"pc07", "evn"}), areas=None),
    created_at=NOW,
)


def test_an_account_comes_back_as_it_was_saved(archive: Archive) -> None:
    archive.save_user(AN)
    assert archive.user("an") == AN
    assert archive.user("nobody") is None
    assert archive.users() == [AN]


def test_saving_again_replaces_all_but_the_creation(archive: Archive) -> None:
    archive.save_user(AN)
    changed = dataclasses.replace(
        AN,
        roles=frozenset({Role.ADMIN, Role.LEADER}),
        scope=Scope(areas=frozenset()),
        locale="en",
        created_at=NOW + 9,
    )
    archive.save_user(changed)
    assert archive.user("an") == dataclasses.replace(changed, created_at=NOW)


def test_secrets_are_not_in_what_is_printed(archive: Archive) -> None:
    assert "argon2" not in repr(AN)
    archive.save_user(AN)
    archive.add_session("token-hash", "an", "csrf-secret", NOW, NOW + 10)
    assert "csrf-secret" not in repr(archive.session("token-hash", NOW))


def test_a_session_is_in_force_until_it_expires(archive: Archive) -> None:
    archive.save_user(AN)
    archive.add_session("hash", "an", "csrf", NOW, NOW + 100)
    session = archive.session("hash", NOW + 99)
    assert session is not None
    assert (session.user, session.csrf, session.created_at) == (AN, "csrf", NOW)
    assert archive.session("hash", NOW + 100) is None
    assert archive.session("other", NOW) is None


def test_logging_out_ends_one_session_or_all(archive: Archive) -> None:
    archive.save_user(AN)
    for token in ("a", "b", "c"):
        archive.add_session(token, "an", "csrf", NOW, NOW + 100)
    archive.end_session("a")
    archive.end_session("a")
    assert archive.session("a", NOW) is None
    assert archive.session("b", NOW) is not None
    assert archive.end_sessions("an") == 2
    assert archive.session("b", NOW) is None


def test_disabling_an_account_ends_its_sessions(archive: Archive) -> None:
    archive.save_user(AN)
    archive.add_session("hash", "an", "csrf", NOW, NOW + 100)
    archive.save_user(dataclasses.replace(AN, disabled=True))
    assert archive.session("hash", NOW) is None
    archive.save_user(AN)
    assert archive.session("hash", NOW) is None


def test_old_sessions_and_attempts_are_forgotten(archive: Archive) -> None:
    archive.save_user(AN)
    archive.add_session("old", "an", "csrf", NOW, NOW + 10)
    archive.add_session("young", "an", "csrf", NOW, NOW + 5000)
    for second in range(5):
        archive.note_login("an", "10.0.0.1", NOW + second, succeeded=False)
    archive.forget_old(NOW + 2000, changes_kept_s=1, keys_kept_s=1)
    assert archive.end_sessions("an") == 1
    assert archive.locked_until("an", NOW + 5) is None


def test_five_failures_lock_a_name_until_the_first_is_old(archive: Archive) -> None:
    for second in range(4):
        archive.note_login("an", "10.0.0.1", NOW + second, succeeded=False)
    assert archive.locked_until("an", NOW + 4) is None
    archive.note_login("an", "10.0.0.2", NOW + 4, succeeded=False)
    assert archive.locked_until("an", NOW + 5) == NOW + 900
    assert archive.locked_until("chi", NOW + 5) is None
    assert archive.locked_until("an", NOW + 900) is None


def test_a_success_ends_the_count(archive: Archive) -> None:
    for second in range(4):
        archive.note_login("an", "10.0.0.1", NOW + second, succeeded=False)
    archive.note_login("an", "10.0.0.1", NOW + 4, succeeded=True)
    archive.note_login("an", "10.0.0.1", NOW + 5, succeeded=False)
    assert archive.locked_until("an", NOW + 6) is None


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([], None),
        ([(9.0, False), (8.0, False)], None),
        ([(9.0, False), (8.0, False), (7.0, False)], 17.0),
        ([(9.0, False), (8.0, True), (7.0, False), (6.0, False)], None),
        ([(9.0, False), (8.0, False), (0.0, False)], None),
    ],
)
def test_lockout_is_decided_from_the_newest_attempts(
    attempts: list[tuple[float, bool]], expected: float | None
) -> None:
    assert lockout(attempts, 10.0, LockoutSettings(tries=3, window_s=10.0)) == expected


def test_one_role_becomes_a_set_and_the_most_telling_stays_for_an_earlier_program(
    archive_url: str,
) -> None:
    archive = Archive(archive_url)
    first = dataclasses.replace(
        AN, username="admin", roles=frozenset({Role.ADMIN, Role.LEADER}), scope=EVERYTHING
    )
    both = dataclasses.replace(
        AN, username="both", roles=frozenset({Role.AUDITOR, Role.TECHNICIAN})
    )
    for account in (AN, first, both):
        archive.save_user(account)
    archive.close()
    database = Database(archive_url)
    database.downgrade("0003_shifts_and_search")
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT username, role FROM user_account").all()
    database.close()
    assert {row.username: row.role for row in rows} == {
        "admin": "leader", "an": "operator", "both": "technician",
    }  # fmt: skip
    again = Archive(archive_url)
    assert again.user("admin") == first
    assert again.user("an") == AN
    assert again.user("both") == dataclasses.replace(both, roles=frozenset({Role.TECHNICIAN}))
    again.close()
