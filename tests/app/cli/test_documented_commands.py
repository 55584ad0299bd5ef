"""Every command of `thapcanh` that a document shows is run on a site, or is tested elsewhere."""

import io
from pathlib import Path

import pytest

from tests.documented_commands import ROOT, DocumentedCommand, documented_commands
from thapcanh.app.cli.main import main
from thapcanh.config.credentials import KEY_VARIABLE, new_key

_SITE = """
[[agencies]]
id = "pc07"
name = "PC07"
[[areas]]
id = "hoan-kiem"
name = "Hoàn Kiếm"
[[cameras]]
id = "hb-001"
name = "Hàng Bài"
source = "rtsp://${credential:hb-001}@10.0.0.17/stream2"
agency = "pc07"
area = "hoan-kiem"
"""
_MEANT = {
    "NAME": "gateway",
    "TÊN": "doi-tac",
    "NƠI-GỬI": "/thapcanh/Ward",
    "ĐƠN-VỊ": "pc07",
    "ROLE": "viewer",
    "POWER": "read",
    "AGENCY": "pc07",
    "AREA": "hoan-kiem",
    "FOLDER": "copy",
    "B": "copy",
    "FILE": "thapcanh.toml",
    "city.toml": "thapcanh.toml",
}
_TESTED_IN = {  # what needs more than one site's folder: cameras, other processes, hours
    ("centre",): "tests/end_to_end",
    ("worker",): "tests/end_to_end",
    ("run",): "tests/end_to_end",
    ("init",): "tests/app/cli/test_init.py",
    ("cameras", "add"): "tests/app/cli/test_init.py",
    ("probe",): "tests/ingest/sources/test_probe.py",
    ("replay",): "tests/thapcanh/tools/evaluation",
    ("evaluate",): "tests/thapcanh/tools/evaluation",
    ("train",): "tests/thapcanh/tools/training/test_train.py",
    ("model", "add"): "tests/app/cli/test_model.py",
    ("spool", "drain"): "tests/app/cli/test_spool.py",
    ("verdicts", "export"): "tests/app/exports/test_verdict_export.py",
    ("evidence", "copy"): "tests/app/cli/test_evidence_copy.py",
    ("cameras", "discover"): "tests/app/registry",
    ("cameras", "learn"): "tests/app/suppression/test_habit_recording.py",
    ("cluster", "head"): "tests/app/cluster",
    ("cluster", "join"): "tests/app/cluster",
    ("cluster", "status"): "tests/app/cluster",
    ("cluster", "drain"): "tests/app/cluster",
    ("drill", "start"): "tests/app/drills",
    ("map", "check"): "tests/app/map",
    ("map", "make"): "tests/app/map/making",
    ("verify", "THƯ-MỤC"): "tests/app/cli",
    ("verify", "FOLDER"): "tests/app/cli",
    ("verify", "--head"): "tests/app/cli",
    ("user", "remove-factor"): "tests/app/cli",
    ("user", "unbind"): "tests/app/accounts/test_unbinding.py",
    ("worker", "enrol"): "tests/app/cli",
    ("link",): "tests/app/links/test_link_command.py",
    ("token", "revoke"): "tests/app/accounts/test_token_command.py",
}
_SAYS_WHAT_IS_WRONG = {"status"}  # with exit code 1: nothing runs here


def _of_thapcanh() -> list[DocumentedCommand]:
    return [one for one in documented_commands() if one.program == "thapcanh"]


def _tested_in(said: DocumentedCommand) -> str | None:
    words = said.words[1:]
    return _TESTED_IN.get(words[:2]) or _TESTED_IN.get(words[:1])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, its logins, an archive and a backup."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    monkeypatch.setattr("sys.stdin", io.StringIO("secret of the camera\n"))
    (tmp_path / "thapcanh.toml").write_text(_SITE, encoding="utf-8")
    assert main(["credential", "set", "hb-001", "--user", "viewer"]) == 0
    words = ["token", "add", "first", "--role", "viewer", "--power", "read", "--machine"]
    assert main(words) == 0
    assert main(["backup", "copy"]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("secret of the camera\n"))
    return tmp_path


def test_where_others_are_tested_is_there() -> None:
    assert [path for path in _TESTED_IN.values() if not (ROOT / path).exists()] == []


def test_no_command_is_said_to_be_tested_that_no_document_shows() -> None:
    shown = {one.words[1 : 1 + n] for one in _of_thapcanh() for n in (1, 2)}
    assert [words for words in _TESTED_IN if words not in shown] == []


@pytest.mark.parametrize(
    "said", [one for one in _of_thapcanh() if _tested_in(one) is None and one.words[2:]], ids=str
)
def test_a_documented_command_does_what_it_is_shown_for(
    said: DocumentedCommand, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [_here(_MEANT.get(word, word), site) for word in said.words[1:]]
    if words[0] == "backup" or words[:2] == ["cluster", "token"]:
        words[-1] = "new"  # what they write must not be there yet
    code = main(words)
    assert code == (1 if words[0] in _SAYS_WHAT_IS_WRONG else 0), capsys.readouterr().err


def _here(word: str, site: Path) -> str:
    """A path of the document's machine as one of this folder."""
    return str(site / Path(word).name) if word.startswith("/etc/") else word
