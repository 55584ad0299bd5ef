"""Tables as spreadsheet files: XLSX (Office Open XML) and CSV, row by row.

Cells are text, numbers or `ClockTime`s (UTC unix seconds, written in local time). Text is never a
formula: XLSX types it; in CSV, risky text gets an apostrophe (OWASP "CSV injection").
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from thapcanh.alerts.evidence.zip_pipe import ZipPipe
from thapcanh.config.local_time import LOCAL_TZ

_DAY_ZERO = datetime(1899, 12, 30)  # of a spreadsheet's day numbers  # noqa: DTZ001 local, as theirs
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PIECE_ROWS = 500
_LONGEST_TEXT = 32_000  # a cell holds 32,767 characters
BOM = "\ufeff"  # without it Excel reads UTF-8 as the machine's old code page

_PLAIN, _BOLD, _TIMESTAMP, _SHARE = range(4)  # the cell formats of styles.xml, in its order


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of the day's clock."""

    at: float


@dataclass(frozen=True, slots=True)
class ShareValue:
    """A share of one, shown in percent."""

    of_one: float


Cell = str | float | ClockTime | ShareValue | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadsheetTable:
    """A table: name, column heads, widths in characters, rows."""

    name: str
    heads: Sequence[str]
    widths: Sequence[float]
    rows: Iterable[Sequence[Cell]]


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the table as RFC 4180 CSV, in pieces."""
    held = io.StringIO()
    writer = csv.writer(held)
    held.write(BOM)
    writer.writerow(heads)
    for number, row in enumerate(rows, 1):
        writer.writerow([_plain(cell) for cell in row])
        if number % _PIECE_ROWS == 0:
            yield _emptied(held)
    yield _emptied(held)


def xlsx(sheets: Sequence[SpreadsheetTable]) -> Iterator[bytes]:
    """Yield the workbook in pieces."""
    pipe = ZipPipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts(sheets).items():
            archive.writestr(name, text)
        for number, sheet in enumerate(sheets, 1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                for text in _table_xml(sheet):
                    part.write(text.encode())
                    yield pipe.taken()
    yield pipe.taken()


def _emptied(held: io.StringIO) -> str:
    text = held.getvalue()
    held.seek(0)
    held.truncate()
    return text


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case ClockTime():
            return _local(cell.at).strftime("%Y-%m-%d %H:%M:%S")
        case ShareValue():
            return f"{cell.of_one:.4f}"
        case str():
            text = cell.replace("\x00", "")
            return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
        case int() | float():
            return repr(cell)


def _table_xml(sheet: SpreadsheetTable) -> Iterator[str]:
    widths = "".join(
        f'<col min="{i}" max="{i}" width="{width}" customWidth="1"/>'
        for i, width in enumerate(sheet.widths, 1)
    )
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
    )
    yield _row_xml(sheet.heads, _BOLD)
    piece: list[str] = []
    for row in sheet.rows:
        piece.append(_row_xml(row, _PLAIN))
        if len(piece) == _PIECE_ROWS:
            yield "".join(piece)
            piece.clear()
    yield "".join(piece) + "</sheetData></worksheet>"


def _row_xml(row: Sequence[Cell], style: int) -> str:
    return f"<row>{''.join(_cell_xml(cell, style) for cell in row)}</row>"


def _cell_xml(cell: Cell, style: int) -> str:
    match cell:
        case None:
            return "<c/>"
        case ClockTime():
            return f'<c s="{_TIMESTAMP}"><v>{_day_number(cell.at)!r}</v></c>'
        case ShareValue():
            return f'<c s="{_SHARE}"><v>{cell.of_one!r}</v></c>'
        case str():
            text = escape(_printable(cell)[:_LONGEST_TEXT])
            inner = f'<is><t xml:space="preserve">{text}</t></is>'
            return f'<c s="{style}" t="inlineStr">{inner}</c>'
        case int() | float():
            return f'<c s="{style}"><v>{cell!r}</v></c>'


def _printable(text: str) -> str:
    """XML holds no other control characters than these."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(LOCAL_TZ)


def _day_number(at: float) -> float:
    return (_local(at).replace(tzinfo=None) - _DAY_ZERO) / timedelta(days=1)


def _parts(sheets: Sequence[SpreadsheetTable]) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{_CONTENT}worksheet+xml"/>'
        for i in numbers
    )
    links = "".join(
        f'<Relationship Id="s{i}" Type="{_LINK}worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in numbers
    )
    named = "".join(
        f'<sheet name="{escape(sheet.name[:31], {chr(34): ""})}" sheetId="{i}" r:id="s{i}"/>'
        for i, sheet in zip(numbers, sheets, strict=True)
    )
    return {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_CONTENT}styles+xml"/>'
            f"{types}</Types>"
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}relationships">'
            f'<Relationship Id="w" Type="{_LINK}officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>"
        ),
        "xl/workbook.xml": (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINK.rstrip("/")}">'
            f"<sheets>{named}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}relationships">'
            f'<Relationship Id="y" Type="{_LINK}styles" Target="styles.xml"/>{links}'
            "</Relationships>"
        ),
        "xl/styles.xml": _STYLES,
    }


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders><border/></borders>"
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/>'
    '<xf xfId="0" numFmtId="164" applyNumberFormat="1"/>'
    '<xf xfId="0" numFmtId="10" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
