"""A file is read in a process of its own: what it says comes back, and nothing in it harms."""

import io
import json
import re
import sys
import time
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from datetime import time as day_time
from typing import Any

import pytest
from openpyxl import Workbook

from tests.patience import patient
from thapcanh.app.imports.child import geojson_lines
from thapcanh.app.imports.file_reader import FileReader, ReadingBounds
from thapcanh.app.registry.import_files import ImportUnreadable, read_lines, read_rows

CSV = 'id,name,lat,masks\ncam-1,Cổng chính,21.5,\ncam-2,"Sân, sau",not a number,[[1]]\n'.encode()
TOML = b'[[cameras]]\nid = "cam-1"\nvalid_from = 2026-01-02T03:04:05Z\n[[agencies]]\nid = "pc07"\n'


def _workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book, packed = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(packed)
    return packed.getvalue()


def _with_rows(row: bytes, count: int) -> bytes:
    """A small workbook whose sheet holds this row so many times."""
    made, packed = _workbook([["id", "name", "source"]]), io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as known,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in known.namelist():
            content = known.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", row * count + b"</sheetData>")
                content = re.sub(rb"<dimension[^>]*>", b"", content)
            new.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "form"),
    [(CSV, "csv"), (TOML, "toml"), (_workbook([["id", "ptz"], ["cam-1", True]]), "xlsx")],
)
def test_what_a_file_says_comes_back_as_it_was(content: bytes, form: str) -> None:
    assert FileReader().rows(content, form) == read_rows(content, form)


def test_every_kind_of_cell_comes_back_as_it_was() -> None:
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC).replace(tzinfo=None)  # as workbooks have it
    cells = [date(2026, 1, 2), moment, day_time(7, 30), 1, 2.5, True, "chữ"]
    content = _workbook([["head"], [*cells, None]])
    expected = [(number, list(each)) for number, each in read_lines(content, "xlsx", 100)]
    assert FileReader().lines(content, "xlsx", 100) == expected
    assert expected[1][1][:7] == [moment.replace(hour=0, minute=0), *cells[1:]]


@pytest.mark.parametrize(
    ("content", "form", "code"),
    [
        (b"\xff\xfe", "csv", "csv_not_text"),
        (b"x = [", "toml", "not_toml"),
        (b"no zip", "xlsx", "not_workbook"),
        (b"id\n" * 120_002, "csv", "too_many_entries"),
        (b"id\n" + b"\n" * 120_001, "csv", "too_many_lines"),
    ],
)
def test_why_a_file_cannot_be_read_is_told(content: bytes, form: str, code: str) -> None:
    with pytest.raises(ImportUnreadable) as told:
        FileReader().rows(content, form)
    assert told.value.code == code
    assert str(told.value)


def test_a_workbook_of_many_empty_rows_is_refused() -> None:
    content = _with_rows(b"<row/>", 300_000)
    assert len(content) < 20_000
    with pytest.raises(ImportUnreadable) as told:
        FileReader().rows(content, "xlsx")
    assert told.value.code == "too_many_lines"


def _reader(code: str, **bounds: Any) -> FileReader:
    return FileReader(ReadingBounds(**bounds), command=[sys.executable, "-c", code])


@pytest.mark.parametrize(
    "reader",
    [
        _reader("import time; time.sleep(300)", within_s=0.5),
        _reader("while True: pass", cpu_s=1),
        _reader("raise SystemExit(1)"),
        _reader('while True: print(\'{"phase": "row"}\' * 1000)', told_bytes=1 << 20),
    ],
    ids=["slow", "busy", "dead", "talkative"],
)
def test_a_file_that_takes_too_much_is_refused(reader: FileReader) -> None:
    began = time.monotonic()
    with pytest.raises(ImportUnreadable) as told:
        reader.rows(CSV, "csv")
    assert told.value.code == "takes_too_much"
    assert time.monotonic() - began < patient(60)


def test_a_file_that_takes_more_memory_than_there_is_is_refused() -> None:
    text = "x" * 4000
    rows = (f'<row><c t="inlineStr"><is><t>{text}{n}</t></is></c></row>' for n in range(30_000))
    content = _with_rows("".join(rows).encode(), 1)
    with pytest.raises(ImportUnreadable) as told:
        FileReader(ReadingBounds(memory_bytes=200 << 20, told_bytes=1 << 30)).lines(
            content, "xlsx", 100_000
        )
    assert told.value.code == "takes_too_much"


def test_a_number_of_400_digits_is_no_place_and_ends_no_reading() -> None:
    point = {"type": "Point", "coordinates": [10**400, 21.0]}
    feature = {"properties": {"name": "Chợ"}, "geometry": point}
    content = json.dumps({"features": [feature]}).encode()
    assert geojson_lines(content, 10)[1:] == [(2, ["Chợ", None, None, None])]
