"""The report of a period as a paper: the tables of the workbook, cell by cell."""

from app.reports.export_words import ExportVocabulary
from app.reports.paper.content import Facts, Listing, Paper, moment, number, place_of
from app.reports.report_schemas import ReportParts
from app.reports.report_table import sheets
from app.reports.site_names import SiteNames
from app.reports.spreadsheet import Cell, ClockTime, ShareValue, SpreadsheetTable
from app.web_api.app_state import AppState
from app.web_api.language import Language

_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_MOST_ROWS = 300  # of one table: ten pages, half a second


def period_report(parts: ReportParts, here: AppState, by: str) -> Paper:
    """The paper of a report; `by` is who made it."""
    site, span = here.services.site(), parts.span
    namer = SiteNames.of(ExportVocabulary(Language.VI), here.people, site)
    blocks = [
        _block(table, numeral, is_summary=numeral == _NUMERALS[0])
        for numeral, table in zip(_NUMERALS, sheets(parts, namer), strict=False)
    ]
    kind = "ca trực" if parts.account is not None else "trực ban"
    return Paper(
        agency=site.site.name,
        place=place_of(site),
        made_at=span.now,
        code="BC",
        title="BÁO CÁO",
        subject=f"Kết quả {kind} từ {moment(span.since)} đến {moment(span.until)}",
        blocks=blocks,
        closing=f"{by} lập lúc {moment(span.now)}; số liệu lấy từ nhật ký có niêm phong.",
        recipients=("Chỉ huy đơn vị (để báo cáo);", "Lưu: VT, ca trực."),
        signer="CHỈ HUY CA TRỰC",
    )


def _block(table: SpreadsheetTable, numeral: str, *, is_summary: bool) -> Facts | Listing:
    title = f"{numeral}. {table.name.upper()}"
    rows = [[cell_text(cell) for cell in row] for row in table.rows]
    if is_summary:
        return Facts(title=title, rows=[(row[0], row[1]) for row in rows])
    more = len(rows) - _MOST_ROWS
    if more > 0:
        said = f"… và {more} dòng nữa, có trong tệp Excel"
        rows = [*rows[:_MOST_ROWS], [said, *("" for _ in table.heads[1:])]]
    return Listing(title=title, heads=table.heads, widths=table.widths, rows=rows)


def cell_text(cell: Cell) -> str:
    """A cell as a paper says it; a dash where nothing was counted."""
    match cell:
        case None:
            return "—"
        case ClockTime():
            return moment(cell.at)
        case ShareValue():
            return f"{number(round(cell.of_one * 100, 1))} %"
        case str():
            return cell
        case int() | float():
            return number(cell)
