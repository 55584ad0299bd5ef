"""`thapcanh credential`: what it prints, what it refuses, and that no password comes out again."""

import argparse
import io
import os
from pathlib import Path
from typing import Any

import pytest

from thapcanh.app.cameras.credential_command import run_credential
from thapcanh.app.process import exit_codes
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.site.site_file import load_site
from thapcanh.config.credentials import KEY_VARIABLE

PASSWORD = "mật khẩu của camera"


class Console:
    """Runs `thapcanh credential` beside a configuration as the command line does."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.config = folder / "thapcanh.toml"
        self.config.write_text(
            '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://${credential:gate}@h/s"\n',
            encoding="utf-8",
        )
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def run(self, action: str, name: str | None = None, **given: Any) -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        typed = given.pop("typed", PASSWORD)
        self._monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        options = {"config": self.config, "action": action, "credential": name, "user": None}
        options["out"] = None
        code = run_credential(argparse.Namespace(**(options | given)))
        said = self._capsys.readouterr()
        assert PASSWORD not in said.out + said.err
        return code, said.out, said.err


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Console:
    made = Console(tmp_path, monkeypatch, capsys)
    monkeypatch.setenv(KEY_VARIABLE, made.run("key")[1].strip())
    return made


def test_a_login_is_kept_listed_used_and_removed(console: Console) -> None:
    code, out, _ = console.run("set", "gate", user="viewer")
    assert code == exit_codes.OK
    assert "${credential:gate}" in out
    assert console.run("list")[1] == "gate\n"
    source = load_site(console.config).site_or_raise().cameras[0].source
    assert str(source) == "rtsp://viewer:<secret>@h/s"
    assert console.run("remove", "gate")[1] == "gate removed\n"
    assert console.run("list")[1] == ""


def test_a_running_site_takes_a_changed_login(console: Console) -> None:
    console.run("set", "gate", user="viewer")
    watch = ConfigWatch(console.config, load_site(console.config))
    assert watch.poll() is None
    console.run("set", "gate", user="viewer", typed="another one, longer than the first")
    polled = watch.poll()
    assert polled is not None
    assert polled[1].reopened == {"gate"}


@pytest.mark.parametrize(
    ("action", "name", "given", "word"),
    [
        ("set", None, {}, "name the credential"),
        ("set", "gate", {}, "--user"),
        ("set", "a b", {"user": "u"}, "letters"),
        ("set", "gate", {"user": "u", "typed": ""}, "1 to 256"),
        ("remove", "nothing", {}, "nothing"),
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


def test_without_a_key_it_says_which_variable(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    assert KEY_VARIABLE in console.run("set", "gate", user="viewer")[2]


def test_a_key_in_a_file_is_readable_to_its_owner_alone(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "credentials.key"
    mask = os.umask(0o022)
    try:
        code, out, _ = console.run("key", out=path)
        assert (code, path.stat().st_mode & 0o777) == (exit_codes.OK, 0o600)
        assert path.read_text(encoding="ascii").strip() not in out
        again = console.run("key", out=path)
        assert again[0] == exit_codes.FAILED  # a key in use is not replaced
        with (tmp_path / "printed").open("w", encoding="utf-8") as printed:
            monkeypatch.setattr("sys.stdout", printed)
            assert console.run("key")[0] == exit_codes.FAILED
    finally:
        os.umask(mask)
    assert (tmp_path / "printed").read_text(encoding="utf-8") == ""
