"""Report as a workbook: the summary, then one sheet for each breakdown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from thapcanh.alerts.reports.figures import Counts, Figures, ResponseDelays
from thapcanh.app.coverage.coverage_schemas import CoverageShareResponse
from thapcanh.app.reports.export_words import ExportVocabulary
from thapcanh.app.reports.paper.content import Facts, Listing, Paper, moment, number, place_of
from thapcanh.app.reports.report_schemas import ReportParts
from thapcanh.app.reports.spreadsheet import Cell, ClockTime, ShareValue, SpreadsheetTable
from thapcanh.app.reports.table_words import SiteNames
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.language import Language

_TALLY_HEADS = ("total", "confirmed", "rejected", "unjudged", "false_rate")
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_MOST_ROWS = 300  # of one table: ten pages, half a second


def sheets(parts: ReportParts, namer: SiteNames) -> list[SpreadsheetTable]:
    """Return the report's tables, without the one on its author."""
    words, figures, coverage = namer.words, parts.figures, parts.coverage

    def tallied(
        name: str, head: str, tallies: Sequence[Counts], label: Callable[[Counts], str]
    ) -> SpreadsheetTable:
        return SpreadsheetTable(
            name=words(name),
            heads=[words(head), *(words(each) for each in _TALLY_HEADS)],
            widths=[34, 12, 12, 12, 16, 16],
            rows=[[label(tally), *_cells(tally)] for tally in tallies],
        )

    unknown = words("unknown")
    return [
        summary(parts, words),
        tallied("by_kind", "kind", figures.kinds, lambda each: words(f"kind.{each.name}")),
        tallied("by_area", "area", figures.areas, lambda each: namer.area(each.name) or unknown),
        tallied(
            "by_agency", "agency", figures.agencies, lambda each: namer.agency(each.name) or unknown
        ),
        tallied("by_camera", "camera_name", figures.cameras, lambda each: each.label or each.name),
        _pairs(
            words("by_reason"),
            (words("reject_reason"), words("count")),
            ([words(f"reason.{name}"), count] for name, count in figures.reject_reasons.items()),
        ),
        _blind(coverage, words),
        _over_time(figures, words),
        _sources(figures, words),
    ]


def summary(parts: ReportParts, words: ExportVocabulary) -> SpreadsheetTable:
    """Return the main figures, one per row."""
    figures, coverage = parts.figures, parts.coverage
    load, acknowledge_delays, verdict_delays = figures.load, figures.acknowledge, figures.verdict
    rows_value: list[tuple[str, Cell]] = [
        ("watch_total", figures.watch.total),
        ("confirmed", figures.watch.confirmed),
        ("rejected", figures.watch.rejected),
        ("unjudged", figures.watch.unjudged),
        ("false_rate", _share(figures.watch.false_rate)),
        ("system_total", figures.system),
        ("unanswered", figures.unanswered),
        ("stale", figures.stale),
        ("leases_lost", figures.leases_lost),
        ("ack_within_15", _share(acknowledge_delays.within_15_s)),
        ("ack_within_60", _share(acknowledge_delays.within_60_s)),
        *_times("ack", acknowledge_delays),
        ("verdict_within_60", _share(verdict_delays.within_60_s)),
        *_times("verdict", verdict_delays),
        ("load_mean", round(load.mean, 3)),
        ("load_per_desk", None if load.mean_per_desk is None else round(load.mean_per_desk, 3)),
        ("load_most", load.most),
        ("flood_share", ShareValue(load.flood_share)),
        ("coverage", words("not_recorded") if coverage.share is None else _share(coverage.share)),
        ("recorded_share", ShareValue(coverage.recorded_share)),
    ]
    rows = [[words(name), value] for name, value in rows_value]
    if parts.account is not None:
        shift = words("shift_account")
        rows += [[f"{shift}: {words(name)}", n] for name, n in asdict(parts.account).items()]
    return _pairs(words("summary"), (words("figure"), words("value")), rows)


def period_report(parts: ReportParts, state: AppState, by: str) -> Paper:
    """Return the document of a report; `by` is its author."""
    site, span = state.services.site(), parts.span
    namer = SiteNames.of(ExportVocabulary(Language.VI), state.people, site)
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


def cell_text(cell: Cell) -> str:
    """Return a cell as text; a dash if there is no value."""
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


def _blind(coverage: CoverageShareResponse, words: ExportVocabulary) -> SpreadsheetTable:
    return SpreadsheetTable(
        name=words("by_blindness"),
        heads=[words(each) for each in ("camera_name", "coverage", "blind_min", "outages")],
        widths=[34, 16, 16, 12],
        rows=[
            [each.camera_name, _share(each.share), round(each.blind_s / 60, 1), each.outages]
            for each in coverage.worst
        ],
    )


def _over_time(figures: Figures, words: ExportVocabulary) -> SpreadsheetTable:
    return SpreadsheetTable(
        name=words("by_time"),
        heads=[words("since"), *(words(each) for each in _TALLY_HEADS)],
        widths=[20, 12, 12, 12, 16, 16],
        rows=[[ClockTime(at), *_cells(tally)] for at, tally in figures.timeline],
    )


def _sources(figures: Figures, words: ExportVocabulary) -> SpreadsheetTable:
    return SpreadsheetTable(
        name=words("sources"),
        heads=[words("camera_name"), words("camera_id"), words("heard"), words("share")],
        widths=[34, 18, 14, 12],
        rows=[
            [source.camera_name, source.camera_id, source.heard, ShareValue(source.share)]
            for source in figures.sources
        ],
    )


def _pairs(name: str, heads: tuple[str, str], rows: Iterable[list[Cell]]) -> SpreadsheetTable:
    return SpreadsheetTable(name=name, heads=heads, widths=[44, 18], rows=rows)


def _times(name: str, delays: ResponseDelays) -> list[tuple[str, Cell]]:
    return [(f"{name}_median", _tenths(delays.median_s)), (f"{name}_p90", _tenths(delays.p90_s))]


def _tenths(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _cells(tally: Counts) -> list[Cell]:
    return [tally.total, tally.confirmed, tally.rejected, tally.unjudged, _share(tally.false_rate)]


def _share(of_one: float | None) -> ShareValue | None:
    return None if of_one is None else ShareValue(of_one)


def _block(table: SpreadsheetTable, numeral: str, *, is_summary: bool) -> Facts | Listing:
    title = f"{numeral}. {table.name.upper()}"
    rows = [[cell_text(cell) for cell in row] for row in table.rows]
    if is_summary:
        return Facts(title=title, rows=[(row[0], row[1]) for row in rows])
    more = len(rows) - _MOST_ROWS
    if more > 0:
        notice = f"… và {more} dòng nữa, có trong tệp Excel"
        rows = [*rows[:_MOST_ROWS], [notice, *("" for _ in table.heads[1:])]]
    return Listing(title=title, heads=table.heads, widths=table.widths, rows=rows)
