"""Accounts: passwords, a fresh site's first account, and what `thapcanh user` does and refuses."""

import argparse
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.made_archives import archive_at
from thapcanh.alerts.accounts.second_factors import SecondFactorRepository, StoredFactor
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.accounts import user_command as user
from thapcanh.app.accounts.user_command import run_user
from thapcanh.app.process import exit_codes
from thapcanh.app.web_api.access import credentials as accounts
from thapcanh.app.web_api.access.credentials import FIRST_USERNAME, ensure_first_admin, username_of
from thapcanh.app.web_api.access.passwords.hasher import Passwords

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = archive_at(tmp_path / "data" / "archive.sqlite")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (accounts, user):
        monkeypatch.setattr(module, "Passwords", lambda: CHEAP)


def test_a_password_is_known_again_and_another_is_not() -> None:
    kept = CHEAP.hashed("một mật khẩu dài")
    assert kept.startswith("$argon2id$")
    assert CHEAP.is_right(kept, "một mật khẩu dài")
    assert not CHEAP.is_right(kept, "một mật khẩu dài ")
    assert not CHEAP.is_right("not a hash", "một mật khẩu dài")
    assert not CHEAP.is_right(None, "một mật khẩu dài")


def test_vietnamese_letters_may_be_typed_either_way() -> None:
    kept = CHEAP.hashed("ma\u0302\u0323t kha\u0302\u0309u")  # decomposed
    assert CHEAP.is_right(kept, "mật khẩu")


def test_the_default_is_argon2id_of_the_rfc() -> None:
    assert "$argon2id$v=19$m=65536,t=3,p=1$" in Passwords().hashed("x")


@pytest.mark.parametrize("typed", ["an", " An ", "AN", "ＡＮ"])
def test_a_name_is_one_however_it_is_typed(typed: str) -> None:
    assert username_of(typed) == "an"


def test_a_fresh_site_gets_one_account_with_a_random_password(archive: Archive) -> None:
    password = ensure_first_admin(archive)
    assert password is not None
    assert len(password) >= 16
    account = archive.user(FIRST_USERNAME)
    assert account is not None
    assert CHEAP.is_right(account.password_hash, password)
    assert account.roles == {Role.ADMIN, Role.LEADER}
    assert ensure_first_admin(archive) is None
    assert archive.user(FIRST_USERNAME) == account


def test_two_fresh_sites_have_different_passwords(tmp_path: Path) -> None:
    made = set()
    for name in "ab":
        archive = archive_at(tmp_path / name)
        made.add(ensure_first_admin(archive))
        archive.close()
    assert len(made) == 2


def test_the_environment_may_set_the_first_password(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    assert ensure_first_admin(archive, "của tôi") is None
    account = archive.user(FIRST_USERNAME)
    assert account is not None
    assert CHEAP.is_right(account.password_hash, "của tôi")
    assert "shorter" in caplog.text
    assert "của tôi" not in caplog.text


def test_the_environment_changes_no_account_that_is_there(archive: Archive) -> None:
    ensure_first_admin(archive)
    before = archive.user(FIRST_USERNAME)
    assert ensure_first_admin(archive, "another one") is None
    assert archive.user(FIRST_USERNAME) == before


class Console:
    """Runs `thapcanh user` on a site as the command line does."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.config = folder / "thapcanh.toml"
        self.config.write_text(
            '[site]\ndata_dir = "data"\n[[areas]]\nid = "hanoi"\nname = "Hà Nội"\n'
            '[[agencies]]\nid = "pc07"\nname = "PCCC"\n',
            encoding="utf-8",
        )
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def run(self, action: str, username: str | None = None, **given: Any) -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        typed = given.pop("typed", "một mật khẩu dài")
        self._monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        options: dict[str, Any] = {"name": None, "role": [], "agency": [], "area": []}
        options |= {"everything": False, "factor": []}
        options |= {"config": self.config, "action": action, "username": username} | given
        code = run_user(argparse.Namespace(**options))
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def console(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Console:
    return Console(tmp_path, monkeypatch, capsys)


def test_an_officer_is_added_and_listed(console: Console, archive: Archive) -> None:
    code, out, _ = console.run("add", "An", role=["operator"], name="Nguyễn Văn An", area=["hanoi"])
    assert code == exit_codes.OK
    assert "mật khẩu" not in out
    account = archive.user("an")
    assert account is not None
    assert (account.name, account.roles, account.scope.areas, account.scope.agencies) == (
        "Nguyễn Văn An", frozenset({Role.OPERATOR}), frozenset({"hanoi"}), None,
    )  # fmt: skip
    assert CHEAP.is_right(account.password_hash, "một mật khẩu dài")
    _, out, _ = console.run("list")
    assert out == "an\tNguyễn Văn An\toperator\tagencies=*\tareas=hanoi\tenabled\n"
    assert account.password_hash not in out


def test_an_empty_line_has_a_password_made(console: Console, archive: Archive) -> None:
    _, out, _ = console.run("add", "an", role=["viewer"], typed="")
    made = out.split("password: ")[1].split()[0]
    account = archive.user("an")
    assert account is not None
    assert CHEAP.is_right(account.password_hash, made)


def test_roles_with_an_agency_is_refused_and_scope_changes_it(
    console: Console, archive: Archive
) -> None:
    console.run("add", "an", role=["operator"])
    code, _, err = console.run("roles", "an", role=["operator"], agency=["pc07"])
    assert (code, "use `user scope" in err) == (exit_codes.FAILED, True)
    assert console.run("scope", "an", agency=["pc07"])[0] == exit_codes.OK
    account = archive.user("an")
    assert account is not None
    assert account.scope == DataFilter(agencies=frozenset({"pc07"}))
    for wrong in ({}, {"everything": True, "area": ["hanoi"]}, {"agency": ["nobody"]}):
        assert console.run("scope", "an", **wrong)[0] == exit_codes.FAILED
    assert console.run("scope", "an", everything=True)[0] == exit_codes.OK
    account = archive.user("an")
    assert account is not None
    assert account.scope == EVERYTHING
    entries = archive.log_of("an")
    assert [entry.details["agencies"] for entry in entries] == [None, ["pc07"], None]
    for action in ("password", "disable", "enable"):
        assert console.run(action, "an", area=["hanoi"])[0] == exit_codes.FAILED


def test_a_new_password_ends_every_session(console: Console, archive: Archive) -> None:
    console.run("add", "an", role=["operator"])
    archive.add_session("f" * 64, "an", "csrf", 1.0, 1000.0)
    assert console.run("password", "an", typed="một mật khẩu khác")[0] == exit_codes.OK
    assert archive.session("f" * 64, 2.0) is None
    account = archive.user("an")
    assert account is not None
    assert CHEAP.is_right(account.password_hash, "một mật khẩu khác")


def test_an_account_is_disabled_and_enabled(console: Console, archive: Archive) -> None:
    console.run("add", "an", role=["operator"])
    for action, disabled in (("disable", True), ("enable", False)):
        console.run(action, "an")
        account = archive.user("an")
        assert account is not None
        assert account.disabled is disabled


def test_an_account_may_hold_several_roles_and_change_them(
    console: Console, archive: Archive
) -> None:
    _, out, _ = console.run("add", "an", role=["operator", "technician"])
    assert "\toperator,technician\t" in out
    console.run("roles", "an", role=["leader"])
    account = archive.user("an")
    assert account is not None
    assert account.roles == {Role.LEADER}


def test_what_is_done_to_an_account_stands_in_the_action_log(
    console: Console, archive: Archive
) -> None:
    console.run("add", "an", role=["operator"])
    for action, given in (("password", {}), ("roles", {"role": ["leader"]}), ("disable", {})):
        console.run(action, "an", **given)
    console.run("list")
    entries = archive.log_of("an")
    assert [entry.action for entry in entries] == [
        "account_add", "account_password", "account_roles", "account_disable",
    ]  # fmt: skip
    last = entries[-1].details
    assert (last["roles"], last["disabled"], last["agencies"]) == (["leader"], True, None)
    assert archive.verify_chain().ok


@pytest.mark.parametrize(
    ("action", "username", "given", "word"),
    [
        ("add", "an", {}, "--role"),
        ("roles", "there", {}, "--role"),
        ("add", "an", {"role": ["king"]}, "operator"),
        ("add", "a b", {"role": ["operator"]}, "a b"),
        ("add", "x" * 33, {"role": ["operator"]}, "32"),
        ("add", "an", {"role": ["operator"], "area": ["atlantis"]}, "atlantis"),
        ("add", "an", {"role": ["operator"], "agency": ["fbi"]}, "'fbi': it has"),
        ("add", "an", {"role": ["operator"], "typed": "short"}, "characters"),
        ("add", "there", {"role": ["operator"]}, "already"),
        ("password", "nobody", {}, "'nobody'; see `thapcanh user list`"),
        ("disable", "nobody", {}, "nobody"),
        ("enable", None, {}, "name the account"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    console: Console, action: str, username: str | None, given: dict[str, Any], word: str
) -> None:
    console.run("add", "there", role=["operator"])
    code, out, err = console.run(action, username, **given)
    assert code in (exit_codes.FAILED, exit_codes.MISUSED)
    assert out == ""
    assert err.startswith("thapcanh: ")
    assert err.count("\n") == 1
    assert word in err


def test_a_broken_configuration_is_named(console: Console) -> None:
    console.config.write_text("nonsense", encoding="utf-8")
    code, _, err = console.run("list")
    assert code == exit_codes.UNUSABLE
    assert "thapcanh.toml" in err


def test_a_lost_second_factor_is_removed_and_the_sessions_end(
    console: Console, archive: Archive
) -> None:
    console.run("add", "an", role=["leader"])
    kept = SecondFactorRepository(archive.database)
    for name in ("phone", "old phone"):
        kept.add(
            StoredFactor(
                id=f"id-{name}", username="an", kind="totp", name=name, secret="f1:x", created_at=1
            )
        )
    code, out, _ = console.run("factors", "an")
    assert code == exit_codes.OK
    assert out == "id-phone\ttotp\tphone\nid-old phone\ttotp\told phone\n"
    archive.add_session("f" * 64, "an", "csrf", 1.0, 1000.0)
    for wrong in ({}, {"factor": ["id-other"]}, {"factor": ["id-phone"], "everything": True}):
        assert console.run("remove-factor", "an", **wrong)[0] == exit_codes.FAILED
    assert archive.session("f" * 64, 2.0) is not None
    assert console.run("remove-factor", "an", factor=["id-phone"])[0] == exit_codes.OK
    assert [each.name for each in kept.of("an")] == ["old phone"]
    assert archive.session("f" * 64, 2.0) is None
    assert console.run("remove-factor", "an", everything=True)[0] == exit_codes.OK
    code, _, err = console.run("remove-factor", "an", everything=True)
    assert (code, "no second factor" in err) == (exit_codes.FAILED, True)
    assert console.run("factors", "nobody")[0] == exit_codes.FAILED
    removed = [one for one in archive.log_of("an") if one.action == "second_factor_removed"]
    assert [one.details["name"] for one in removed] == ["phone", "old phone"]
