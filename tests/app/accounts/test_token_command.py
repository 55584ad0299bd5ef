"""`thapcanh token`: a program's token is shown once, kept as a hash, narrowed, and ended."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.made_archives import archive_at
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.accounts.token_command import run_token
from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.app.web_api.access.token_scopes import token_sha256

SITE = (
    '[site]\ndata_dir = "data"\n[[areas]]\nid = "hanoi"\nname = "Hà Nội"\n'
    '[[agencies]]\nid = "pc07"\nname = "PCCC"\n'
)


class Console:
    """Runs `thapcanh token` on a site as the command line does."""

    def __init__(self, folder: Path, capsys: Any) -> None:
        self.config = folder / "thapcanh.toml"
        self.config.write_text(SITE, encoding="utf-8")
        self._capsys = capsys

    def run(self, action: str, token: str | None = None, **given: Any) -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        options: dict[str, Any] = {"role": [], "power": [], "agency": [], "area": [], "days": 365}
        options |= {"sender": [], "maker": None, "machine": "maker" not in given}
        options |= {"config": self.config, "action": action, "token": token} | given
        code = run_token(argparse.Namespace(**options))
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def console(tmp_path: Path, capsys: Any) -> Console:
    return Console(tmp_path, capsys)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = archive_at(tmp_path / "data" / "archive.sqlite")
    yield opened
    opened.close()


def _only(archive: Archive) -> ApiToken:
    (token,) = ApiTokenRepository(archive.database).all()
    return token


def test_a_token_is_shown_once_and_kept_as_a_hash(
    console: Console, archive: Archive, tmp_path: Path
) -> None:
    code, out, _ = console.run(
        "add", "cad", role=["operator"], power=["read", "answer"], agency=["pc07"], area=["hanoi"]
    )
    assert code == exit_codes.OK
    secret = out.split("token: ")[1].split()[0]
    assert secret.startswith("tc_")
    token = _only(archive)
    assert token.token_sha256 == token_sha256(secret)
    assert token.roles == {Role.OPERATOR}
    assert token.powers == {"read", "answer"}
    assert token.scope == DataFilter(agencies=frozenset({"pc07"}), areas=frozenset({"hanoi"}))
    _, listed, _ = console.run("list")
    assert listed.startswith(f"{token.id}\tcad\toperator\tanswer,read\tagencies=pc07\tareas=hanoi")
    assert "used=never\tin force" in listed
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("archive.sqlite*"))
    assert secret.encode() not in stored
    assert secret not in repr(token)
    assert token.token_sha256 not in repr(token)


def test_a_token_is_revoked_once_and_stays_in_the_list(console: Console, archive: Archive) -> None:
    console.run("add", "cad", role=["viewer"], power=["read"])
    token = _only(archive)
    assert console.run("revoke", token.id)[1] == f"{token.id} (cad) revoked\n"
    assert console.run("list")[1].endswith("\trevoked\n")
    code, _, err = console.run("revoke", token.id)
    assert code == exit_codes.FAILED
    assert "token list" in err
    assert archive.verify_chain().ok
    assert [entry.action for entry in archive.log_of(token.id)] == ["token_made", "token_revoked"]


def test_a_token_is_asleep_while_its_account_may_not_come_in_or_has_none_of_its_roles(
    console: Console, archive: Archive
) -> None:
    """It outlived who made it."""
    an = User(
        username="an", name="An", roles=frozenset({Role.LEADER}), locale="vi",
        password_hash="", created_at=1.0,
    )  # fmt: skip
    archive.save_user(an)
    console.run("add", "cad", role=["viewer"], power=["read"], maker="an")
    token, book = _only(archive), ApiTokenRepository(archive.database)
    found = book.find(token.token_sha256, token.created_at)
    assert found is not None
    assert (found.made_by, found.maker) == ("an", an)
    archive.save_user(replace(an, disabled=True))
    assert book.find(token.token_sha256, token.created_at) is None
    assert "by=an\t" in console.run("list")[1]
    assert console.run("list")[1].endswith("asleep: by may not come in\n")
    archive.save_user(replace(an, roles=frozenset({Role.CREW})))
    assert book.find(token.token_sha256, token.created_at) is None
    assert console.run("list")[1].endswith("asleep: by has none of these roles\n")
    archive.save_user(an)
    assert console.run("list")[1].endswith("\tin force\n")
    code, _, said = console.run("add", "x", role=["admin"], power=["read"], maker="an")
    assert (code, "may not do what admin may" in said) == (exit_codes.FAILED, True)
    for nobody in ("binh", "wall-1"):
        code, _, said = console.run("add", "x", role=["viewer"], power=["read"], maker=nobody)
        assert (code, nobody in said) == (exit_codes.FAILED, True)


def test_a_token_of_nobody_outlived_who_made_it(
    console: Console, archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a word of whose it is none is made; a machine's is listed as one."""
    wanted: dict[str, Any] = {"role": ["viewer"], "power": ["signal"]}
    for both_or_none in ({"machine": False}, {"maker": "an", "machine": True}):
        code, _, said = console.run("add", "panel", **wanted, **both_or_none)
        assert (code, "--for" in said, "--machine" in said) == (exit_codes.FAILED, True, True)
    console.run("add", "panel", **wanted, machine=True)
    token, book = _only(archive), ApiTokenRepository(archive.database)
    assert "\tfor=machine\tby=console:" in console.run("list")[1]
    assert main(["check", "-c", str(console.config)]) == exit_codes.FAILED  # no cameras
    assert "ends with no account" not in capsys.readouterr().out
    earlier = replace(token, id="0a0a0a0a", name="cad", token_sha256="f" * 64)
    book.add(replace(earlier, made_by="console:an"))
    book.add(replace(earlier, id="0b0b0b0b", token_sha256="e" * 64, made_by=None))
    assert book.find("f" * 64, token.created_at) is not None
    main(["check", "-c", str(console.config)])
    told = capsys.readouterr().out
    assert re.findall(r"token (\w+) \(cad\) ends with no account", told) == ["0a0a0a0a", "0b0b0b0b"]
    assert "(panel)" not in told


def test_a_token_of_another_centre_names_its_sender(console: Console, archive: Archive) -> None:
    console.run("add", "ward", role=["viewer"], power=["cap"], sender=["/thapcanh/Ward"])
    assert _only(archive).senders == {"/thapcanh/Ward"}
    assert "senders=/thapcanh/Ward" in console.run("list")[1]


def test_a_token_ends_by_itself(console: Console, archive: Archive) -> None:
    console.run("add", "cad", role=["viewer"], power=["read"], days=1)
    token = _only(archive)
    book = ApiTokenRepository(archive.database)
    assert book.find(token.token_sha256, token.expires_at - 1) is not None
    assert book.find(token.token_sha256, token.expires_at) is None
    assert book.find("0" * 64, token.created_at) is None


@pytest.mark.parametrize(
    ("action", "name", "given", "word"),
    [
        ("add", "cad", {"power": ["read"]}, "--role"),
        ("add", "cad", {"role": ["king"], "power": ["read"]}, "no role 'king': there are"),
        ("add", "cad", {"role": ["viewer"]}, "--power"),
        ("add", "cad", {"role": ["viewer"], "power": ["write"]}, "answer"),
        ("add", "a:b", {"role": ["viewer"], "power": ["read"]}, "a:b"),
        ("add", "cad", {"role": ["viewer"], "power": ["read"], "agency": ["fbi"]}, "fbi"),
        ("add", "cad", {"role": ["viewer"], "power": ["read"], "area": ["x"]}, "x"),
        ("add", "cad", {"role": ["viewer"], "power": ["read"], "days": 0}, "--days"),
        ("add", "cad", {"role": ["viewer"], "power": ["cap"]}, "--sender"),
        ("add", "cad", {"role": ["viewer"], "power": ["read"], "sender": ["/a"]}, "--power cap"),
        ("add", "cad", {"role": ["viewer"], "power": ["cap"], "sender": ["a b"]}, "no spaces"),
        ("add", None, {}, "name the token"),
        ("revoke", "nothing", {}, "nothing"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    console: Console, action: str, name: str | None, given: dict[str, Any], word: str
) -> None:
    code, out, err = console.run(action, name, **given)
    assert code in (exit_codes.FAILED, exit_codes.MISUSED)
    assert out == ""
    assert err.count("\n") == 1
    assert word in err


def test_a_broken_configuration_is_named(console: Console) -> None:
    console.config.write_text("nonsense", encoding="utf-8")
    code, _, err = console.run("list")
    assert code == exit_codes.UNUSABLE
    assert "thapcanh.toml" in err
