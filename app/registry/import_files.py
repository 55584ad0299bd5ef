"""Reader of camera files: TOML, or CSV and XLSX with a camera per line.

A row is a table with its line number. Errors are `LineProblem`s; only `ImportUnreadable` is raised.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import tomli

from thapcanh.alerts.registry.records import EntryKind
from thapcanh.alerts.store.wrong_line import WrongCell
from thapcanh.app.web_api.messages.files import FILE_MESSAGES
from thapcanh.config.loading.read import TOO_DEEP

COLUMNS = (
    "id", "name", "source", "main_source", "lat", "lon", "bearing_deg", "area", "agency",
    "conformity", "transport", "metadata", "ptz", "enabled", "valid_from", "valid_to", "tls_ca",
    "tls_pin", "tls_insecure", "masks", "privacy_masks", "zones", "lines",
)  # fmt: skip
MOST_BYTES = 32 << 20
MOST_UNPACKED_BYTES = 128 << 20  # of a workbook; 100,000 cameras take half of it
MOST_ROWS = 100_000
MOST_LINES = 120_000  # of a file, empty ones too
_MOST_NAMED, _LONGEST_NAMED = 10, 40  # columns that are unknown, and letters of each
_NUMBERS = frozenset({"lat", "lon", "bearing_deg"})
_SWITCHES = frozenset({"ptz", "enabled", "tls_insecure"})
_DRAWN = frozenset({"masks", "privacy_masks", "zones", "lines"})
_TIMES = frozenset({"valid_from", "valid_to"})
_YES = frozenset({"true", "1", "yes", "x", "có", "co", "đúng"})
_NO = frozenset({"false", "0", "no", "không", "khong", "sai"})
_HEADER = re.compile(r"^\s*\[\[\s*(\w+)\s*\]\]")
_ORDER = (EntryKind.AGENCIES, EntryKind.AREAS, EntryKind.CAMERAS, EntryKind.RULES)


class ImportUnreadable(Exception):
    """The file cannot be read as a whole; the reason is a code of `FILE_MESSAGES`."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(FILE_MESSAGES[code].format_map(facts))
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblem:
    """Problem of a line; `code` is None for the site's own checks."""

    line: int
    path: str
    message: str
    code: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, line: int, path: str, code: str, **facts: object) -> "LineProblem":
        """Return a problem of this code of `FILE_MESSAGES`."""
        message = FILE_MESSAGES[code].format_map(facts)
        return cls(line=line, path=path, message=message, code=code, facts=facts)

    def __str__(self) -> str:
        where = f"line {self.line}: {self.path}" if self.path else f"line {self.line}"
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """One entry of the file. `columns` are those it sets; None means all."""

    line: int
    kind: EntryKind
    table: dict[str, Any]
    columns: frozenset[str] | None = None
    problems: tuple[LineProblem, ...] = field(default=())


def read_rows(content: bytes, form: str) -> list[ImportRow]:
    """Return the rows of a `toml`, `csv` or `xlsx` file. Raises `ImportUnreadable`."""
    if len(content) > MOST_BYTES:
        raise ImportUnreadable("too_large", most=MOST_BYTES >> 20)
    match form:
        case "toml":
            rows = _of_toml(content)
        case "csv":
            rows = _of_lines(_csv_lines(content))
        case "xlsx":
            rows = _of_lines(_xlsx_lines(content))
        case _:
            raise ImportUnreadable("form_unknown", form=form)
    if len(rows) > MOST_ROWS:
        raise ImportUnreadable("too_many_entries", most=MOST_ROWS)
    return rows


def read_lines(content: bytes, form: str, most: int) -> list[tuple[int, Sequence[Any]]]:
    """Return the numbered lines of a `csv` or `xlsx` table. Raises `ImportUnreadable`."""
    lines = list(islice(_xlsx_lines(content) if form == "xlsx" else _csv_lines(content), most + 1))
    if len(lines) > most:
        raise ImportUnreadable("too_many_lines", most=most)
    return lines


def cell_texts(document: dict[str, Any]) -> list[str]:
    """Return a camera's table as the cells of a line."""
    return [_cell_text(document.get(name)) for name in COLUMNS]


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _of_toml(content: bytes) -> list[ImportRow]:
    text, document = _toml_document(content)
    lines: dict[str, list[int]] = {}
    for number, written in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(written):
            lines.setdefault(header[1], []).append(number)
    rows = []
    for kind in _ORDER:
        items = document.get(kind, [])
        numbers = lines.get(kind, [])
        for index, item in enumerate(items if isinstance(items, list) else []):
            line = numbers[index] if index < len(numbers) else 1
            table = _json_table(item, line) if isinstance(item, dict) else {}
            rows.append(ImportRow(line=line, kind=kind, table=table))
    if not rows:
        raise ImportUnreadable("no_tables")
    return rows


def _toml_document(content: bytes) -> tuple[str, dict[str, Any]]:
    """Return the text and its tables. Raises `ImportUnreadable`."""
    try:
        if TOO_DEEP.search(content):
            raise RecursionError
        text = content.decode("utf-8-sig")
        return text, tomli.loads(text)
    except UnicodeDecodeError:
        raise ImportUnreadable("toml_not_text") from None
    except tomli.TOMLDecodeError as error:
        raise ImportUnreadable("not_toml", why=error) from None
    except ValueError:  # of a number that Python does not convert
        raise ImportUnreadable("long_number") from None
    except RecursionError:
        raise ImportUnreadable("too_deep") from None


def _json_table(item: dict[str, Any], line: int) -> dict[str, Any]:
    try:
        table: dict[str, Any] = json.loads(json.dumps(item, default=_json_value))
    except ValueError:  # written in hexadecimal, so that it was read
        raise ImportUnreadable("long_number_on_line", line=line) from None
    return table


def _json_value(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _csv_lines(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportUnreadable("csv_not_text") from None
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",")
    begun = 1
    try:
        for cells in reader:
            yield begun, cells
            begun = reader.line_num + 1
    except csv.Error as error:
        raise ImportUnreadable("not_csv", line=reader.line_num, why=error) from None


def _xlsx_lines(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(item.file_size for item in packed.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise ImportUnreadable("not_workbook") from None
    if unpacked > MOST_UNPACKED_BYTES:
        raise ImportUnreadable("workbook_too_large", most=MOST_UNPACKED_BYTES >> 20)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        worksheet = workbook.worksheets[0]
        yield from enumerate(worksheet.iter_rows(values_only=True, max_col=60), 1)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 whatever a broken workbook makes the library raise
        raise ImportUnreadable("workbook_broken", why=type(error).__name__) from None


def _of_lines(lines: Iterator[tuple[int, Sequence[Any]]]) -> list[ImportRow]:
    head = [str(cell or "").strip().lower() for cell in next(lines, (1, ()))[1]]
    while head and not head[-1]:
        head.pop()
    unsupported = sorted(set(head) - set(COLUMNS))
    if unsupported or "id" not in head or len(set(head)) != len(head):
        named = ", ".join(repr(name[:_LONGEST_NAMED]) for name in unsupported[:_MOST_NAMED])
        code = "columns_unknown" if unsupported else "columns_wrong"
        raise ImportUnreadable(code, named=named, expected=", ".join(COLUMNS))
    rows = []
    for read, (line, cells) in enumerate(lines):
        if read >= MOST_LINES:
            raise ImportUnreadable("too_many_lines", most=MOST_LINES)
        if any(cell not in (None, "") for cell in cells):
            rows.append(_of_cells(line, head, cells))
        if len(rows) > MOST_ROWS:
            break
    return rows


def _of_cells(line: int, head: Sequence[str], cells: Sequence[Any]) -> ImportRow:
    table: dict[str, Any] = {}
    problems = []
    if any(cell not in (None, "") for cell in cells[len(head) :]):
        problems.append(LineProblem.of(line, "", "more_cells"))
    for name, cell in zip(head, cells, strict=False):
        try:
            value = _cell_value(name, cell)
        except WrongCell as error:
            problems.append(LineProblem.of(line, name, error.code))
            continue
        if value is not None:
            table[name] = value
    return ImportRow(
        line=line,
        kind=EntryKind.CAMERAS,
        table=table,
        columns=frozenset(head),
        problems=tuple(problems),
    )


def _cell_value(name: str, cell: Any) -> Any:
    """Return a cell's value in the column's type. Raises `WrongCell`."""
    if isinstance(cell, datetime) and name in _TIMES:
        return (cell if cell.tzinfo else cell.replace(tzinfo=UTC)).isoformat()
    text = "" if cell is None else str(cell).strip()
    text = text[1:] if text[:1] == "'" else text  # as our own export guards a formula
    if not text:
        return None
    if name in _NUMBERS:
        return _number(text)
    if name in _SWITCHES:
        return _switch(text)
    if name in _DRAWN:
        return _drawn(text)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # an id of digits, which a spreadsheet takes for a number
    return text


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise WrongCell("not_number") from None


def _switch(text: str) -> bool:
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise WrongCell("not_switch")


def _drawn(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise WrongCell("not_json") from None
