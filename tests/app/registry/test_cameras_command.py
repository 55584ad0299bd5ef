"""`thapcanh cameras`: import with a difference first, export, and a round trip of both."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.config.credentials import KEY_VARIABLE, new_key

SITE = """
[registry]
source = "database"
[[agencies]]
id = "csgt"
name = "CSGT"
[[cameras]]
id = "gate"
name = "Cổng"
source = "rtsp://admin:${env:GATE_PASSWORD}@10.0.0.7/live"
agency = "csgt"
zones = [{ id = "yard", name = "Sân", polygon = [[0, 0], [1, 0], [1, 1]] }]
[[rules]]
id = "r"
kind = "fire"
cameras = ["gate"]
zone = "yard"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GATE_PASSWORD", "hush")
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    path = tmp_path / "thapcanh.toml"
    path.write_text(SITE, encoding="utf-8")
    return path


def _run(config: Path, *arguments: str) -> int:
    return main(["cameras", *arguments, "-c", str(config)])


def test_a_site_of_files_is_imported(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(config, "import", str(config), "--dry-run") == exit_codes.OK
    assert "+ cameras gate (line 7)" in capsys.readouterr().out
    assert _run(config, "import", str(config)) == exit_codes.OK
    assert capsys.readouterr().out.startswith("3 were added, 0 changed, 0 are")
    assert main(["check", "-c", str(config)]) == exit_codes.OK
    for name in ("out.toml", "out.csv"):
        file = config.with_name(name)
        assert _run(config, "export", str(file)) == exit_codes.OK
        assert "hush" not in file.read_text()
        capsys.readouterr()
        assert _run(config, "import", str(file)) == exit_codes.OK
        assert capsys.readouterr().out.startswith("0 were added, 0 changed,")


def test_a_workbook_is_imported(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = Workbook()
    for row in (("id", "name", "source", "lat", "lon", "ptz"),
                (101, "Ngã tư", "rtsp://10.0.0.1/1", 21.03, 105.8, "có")):  # fmt: skip
        book.active.append(row)  # type: ignore[union-attr]
    book.save(config.with_name("list.xlsx"))
    assert _run(config, "import", str(config.with_name("list.xlsx"))) == exit_codes.OK
    capsys.readouterr()
    assert _run(config, "export") == exit_codes.OK
    said = capsys.readouterr().out
    assert 'id = "101"' in said
    assert "ptz = true" in said


def test_wrong_lines_are_all_named(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.with_name("wrong.csv").write_text("id;name;source;lat\na;A;rtsp://h/x;99\n;B;;1\n")
    assert _run(config, "import", str(config.with_name("wrong.csv"))) == exit_codes.FAILED
    said = capsys.readouterr().err
    assert "wrong.csv: line 2: lat" in said
    assert "wrong.csv: line 3: id: missing, but required" in said
    assert "nothing was imported" in said


def test_a_password_needs_a_key(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    assert _run(config, "import", str(config)) == exit_codes.FAILED
    assert "thapcanh credential key" in capsys.readouterr().err
