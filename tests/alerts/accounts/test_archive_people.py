"""Accounts, sessions and lockout, on SQLite and PostgreSQL."""

import dataclasses

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.users import ATTEMPTS_RETAINED_S
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import DataFilter, Role

NOW = 1_800_000_000.0
AN = User(
    username="an",
    name="Nguyễn Văn An",
    roles=frozenset({Role.OPERATOR}),
    locale="vi",
    password_hash="$argon2id$made-elsewhere",
    scope=DataFilter(agencies=frozenset({"pc07", "evn"}), areas=None),
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
        scope=DataFilter(areas=frozenset()),
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
    archive.add_session("young", "an", "csrf", NOW, NOW + 9000)
    for second in range(5):
        archive.note_login("an", "10.0.0.1", NOW + second, succeeded=False)
    archive.delete_old(NOW + ATTEMPTS_RETAINED_S + 3, changes_kept_s=1, keys_kept_s=1)
    assert archive.failed_logins("an", "10.0.0.1", 0.0, 9) == (NOW + 3, NOW + 4)
    assert archive.end_sessions("an") == 1


def test_failures_are_of_one_name_from_one_address(archive: Archive) -> None:
    for second in range(4):
        archive.note_login("an", "10.0.0.1", NOW + second, succeeded=False)
    archive.note_login("an", "10.0.0.2", NOW + 4, succeeded=False)
    assert archive.failed_logins("an", "10.0.0.1", NOW, 9) == (NOW + 1, NOW + 2, NOW + 3)
    assert archive.failed_logins("an", "10.0.0.1", 0.0, 2) == (NOW + 2, NOW + 3)
    assert archive.failed_logins("an", "10.0.0.2", 0.0, 9) == (NOW + 4,)
    assert archive.failed_logins("chi", "10.0.0.1", 0.0, 9) == ()


def test_a_success_ends_the_count(archive: Archive) -> None:
    for second, succeeded in enumerate((False, False, True, False)):
        archive.note_login("an", "10.0.0.1", NOW + second, succeeded=succeeded)
    assert archive.failed_logins("an", "10.0.0.1", 0.0, 9) == (NOW + 3,)
