"""The dossier of a site: each statement with its source, as Markdown and as a paper."""

import re
from pathlib import Path

import pytest

from thapcanh.app.cli.main import main

SITE = """
[site]
name = "Trung tâm thử"
[retention]
caller_days = 90
[[cameras]]
id = "hb-001"
name = "Hàng | Bài"
source = "rtsp://user:bimat@10.0.0.17/stream2"
conformity = "QCVN 135, ICT 0123"
[[rules]]
id = "fire"
kind = "fire"
cameras = ["hb-001"]
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thapcanh.toml").write_text(SITE, encoding="utf-8")
    return tmp_path


def test_each_statement_of_the_running_site_has_its_source(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["token", "add", "first", "--role", "viewer", "--power", "read", "--machine"]
    assert main(words) == 0
    capsys.readouterr()
    assert main(["dossier"]) == 0
    text = capsys.readouterr().out
    rows = [line for line in text.splitlines() if line.startswith("| ") and "Nguồn" not in line]
    assert len(rows) > 30
    for row in rows:
        cells = re.split(r"(?<!\\)\|", row.strip("|"))
        assert len(cells) == 2, row
        assert all(cell.strip() for cell in cells), row
    for said in (
        "Trung tâm thử",
        "90 ngày",
        "dấu hợp quy QCVN 135, ICT 0123",
        "a336847d8c70",
        "Mã cho chương trình còn hiệu lực: 1",
    ):
        assert said in text
    assert "bimat" not in text
    assert text.count("\n## ") == 9


def test_it_is_written_as_a_paper_and_as_markdown(site: Path) -> None:
    assert main(["dossier", "--out", "ho-so.pdf"]) == 0
    assert (site / "ho-so.pdf").read_bytes().startswith(b"%PDF")
    assert main(["dossier", "--out", "ho-so.md"]) == 0
    assert (site / "ho-so.md").read_text(encoding="utf-8").startswith("# Hồ sơ hệ thống")


def test_a_name_of_another_form_is_refused(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dossier", "--out", "ho-so.docx"]) == 2
    assert "ends in .md or .pdf" in capsys.readouterr().err
