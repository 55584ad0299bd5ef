"""Files of cameras that were made to take the centre's memory or time: refused, and said why."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from thapcanh.app.registry import import_files
from thapcanh.app.registry.import_files import ImportUnreadable, read_rows

_SHEET = "xl/worksheets/sheet1.xml"
_HEAD = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>'
)
_END = b"</t></is></c></row></sheetData></worksheet>"


def _workbook(cell: bytes) -> bytes:
    """A workbook whose only cell holds this."""
    plain, made = io.BytesIO(), io.BytesIO()
    Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, _HEAD + cell + _END if name == _SHEET else source.read(name))
    return made.getvalue()


def test_a_workbook_that_unpacks_to_far_more_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_files, "MOST_UNPACKED_BYTES", 4 << 20)
    bomb = _workbook(b"a" * (5 << 20))
    assert len(bomb) < 64 << 10
    with pytest.raises(ImportUnreadable, match="larger than 4 MB unpacked"):
        read_rows(bomb, "xlsx")
    with pytest.raises(ImportUnreadable, match="unknown columns 'aaa"):
        read_rows(_workbook(b"a" * (1 << 20)), "xlsx")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"id,name\n"])
def test_what_is_no_workbook_is_told(content: bytes) -> None:
    with pytest.raises(ImportUnreadable, match="not an XLSX workbook"):
        read_rows(content, "xlsx")


def test_what_is_wrong_is_told_in_few_words() -> None:
    head = ",".join(["id", *(f"{number}{'x' * 500}" for number in range(500))])
    with pytest.raises(ImportUnreadable) as caught:
        read_rows(f"{head}\n".encode(), "csv")
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[[cameras]]\nlat = " + b"9" * 5000, "too many digits"),
        (b"[[cameras]]\nlat = 0x" + b"9" * 5000, "too many digits"),
        (b"[[cameras]]\n" + b".".join([b"a"] * 20_000) + b" = 1", "too deep"),
        (b"a = " + b"[" * 100_000, "too deep"),
    ],
)
def test_a_toml_that_costs_the_parser_its_limits_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ImportUnreadable, match=why):
        read_rows(content, "toml")
