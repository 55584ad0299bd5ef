"""The situation report of a period: counted once, then shown, printed or exported."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from thapcanh.alerts.reports.report_calendar import (
    CalendarSpan,
    ComparedSpan,
    SituationPeriod,
    compared_with,
    day_of,
    span_of,
)
from thapcanh.alerts.reports.situation import (
    SituationFigure,
    SituationLine,
    SituationPart,
    SituationText,
    SituationTextRepository,
    situation_lines,
)
from thapcanh.alerts.reports.situation_counts import situation_of
from thapcanh.app.reports.export_words import ExportVocabulary
from thapcanh.app.reports.paper.content import Block, Listing, Paper, Prose, moment, place_of
from thapcanh.app.reports.report_table import cell_text
from thapcanh.app.reports.spreadsheet import Cell, ClockTime, SpreadsheetTable
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.language import Language

_EARLIEST_YEAR = 2000
_NUMERALS = ("I", "II", "III", "IV", "V")
_ROMAN_QUARTERS = ("I", "II", "III", "IV")
_NAME_WIDTH, _VALUE_WIDTH = 46.0, 18.0
_VERDICTS = ("confirmed", "unjudged", "rejected")
_WITH_VERDICTS = (SituationPart.INCIDENTS, SituationPart.ALERTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationReport:
    """Data of a situation report. `known`: whether the archive covers a compared period."""

    span: CalendarSpan
    made_at: float
    compared: Sequence[ComparedSpan]
    known: Sequence[bool]
    lines: Sequence[SituationLine]
    text: SituationText | None


def requested_span(state: AppState, period: SituationPeriod, day: date | None) -> CalendarSpan:
    """Return the requested period; by default today's."""
    hour = state.services.site().centre.report_hour
    today = day_of(state.services.clock.utc(), hour)
    chosen = today if day is None else day
    if chosen > today:
        raise ApiError(422, "situation_ahead")
    if chosen.year < _EARLIEST_YEAR:
        raise ApiError(422, "situation_too_early", year=_EARLIEST_YEAR)
    return span_of(period, chosen, hour)


def situation_report(caller: CurrentUser, state: AppState, span: CalendarSpan) -> SituationReport:
    """Count a period, of what the caller may see."""
    now, database = state.services.clock.utc(), state.services.archive.database
    compared = compared_with(span, now, state.services.site().centre.report_hour)
    spans = [(item.since, item.until) for item in compared]
    counted, before = situation_of(database, (span.since, span.until), spans, caller.scope)
    versions = SituationTextRepository(database).versions(span.key, caller.scope)
    return SituationReport(
        span=span,
        made_at=now,
        compared=compared,
        known=[item is not None for item in before],
        lines=situation_lines(counted, before),
        text=versions[0] if versions and versions[0].text else None,
    )


def situation_sheets(report: SituationReport, words: ExportVocabulary) -> list[SpreadsheetTable]:
    """Return all figures as one table, and the leader's text as another."""
    heads = [words("situation.part"), words("figure"), *_heads(report, words)]
    figures = SpreadsheetTable(
        name=words("situation.figures"),
        heads=heads,
        widths=[22.0, _NAME_WIDTH, *(_VALUE_WIDTH for _ in heads[2:])],
        rows=[
            [words(f"situation.{line.part}"), _name(line, words), *_cells(line)]
            for line in report.lines
        ],
    )
    return [figures, _text_table(report, words)]


def situation_paper(report: SituationReport, state: AppState, by: str) -> Paper:
    """Return the report as a document; `by` is its author."""
    site, words = state.services.site(), ExportVocabulary(Language.VI)
    span = report.span
    tables = [_listing(report, part, words) for part in SituationPart]
    blocks: list[Block] = [*tables, _prose(report, state, words)]
    titled = [_numbered(block, numeral) for block, numeral in zip(blocks, _NUMERALS, strict=True)]
    so_far = f"; số liệu đến {moment(report.made_at)}" if report.made_at < span.until else ""
    return Paper(
        agency=site.site.name,
        place=place_of(site),
        made_at=report.made_at,
        code="BC",
        title="BÁO CÁO",
        subject=(
            f"Tình hình {_named(span)} "
            f"(từ {moment(span.since)} đến trước {moment(span.until)}{so_far})"
        ),
        blocks=titled,
        closing=(
            f"{by} lập lúc {moment(report.made_at)}; số liệu lấy từ nhật ký có niêm phong. "
            f"So sánh với: {_compared(report, words)}."
        ),
        recipients=("Lãnh đạo Công an Thành phố (để báo cáo);", "Lưu: VT, ca trực."),
        signer="CHỈ HUY TRỰC BAN",
    )


def _named(span: CalendarSpan) -> str:
    match span.period:
        case SituationPeriod.DAY:
            return f"trong ngày {span.first:%d/%m/%Y}"
        case SituationPeriod.MONTH:
            return f"tháng {span.part}/{span.year}"
        case SituationPeriod.QUARTER:
            return f"quý {_ROMAN_QUARTERS[(span.part or 1) - 1]}/{span.year}"
        case SituationPeriod.HALF_YEAR:
            return f"6 tháng {'đầu' if span.part == 1 else 'cuối'} năm {span.year}"
        case SituationPeriod.YEAR:
            return f"năm {span.year}"


def _compared(report: SituationReport, words: ExportVocabulary) -> str:
    """Return each earlier period with its times."""
    parts = []
    for item, known in zip(report.compared, report.known, strict=True):
        name = words(f"situation.{item.comparison}").lower()
        times = f"{moment(item.since)} - {moment(item.until)}"
        parts.append(f"{name} {times}" if known else f"{name}: {words('situation.unknown')}")
    return "; ".join(parts)


def _heads(report: SituationReport, words: ExportVocabulary) -> list[str]:
    """Return the column heads: verdicts and total now, confirmed and total before."""
    heads = [*(words(f"situation.{item}") for item in _VERDICTS), words("situation.total")]
    for item in report.compared:
        name = words(f"situation.{item.comparison}")
        heads += [
            f"{name}: {words(f'situation.{each}').lower()}" for each in ("confirmed", "total")
        ]
    return heads


def _cells(line: SituationLine) -> list[Cell]:
    verdicts = line.now.verdicts
    cells: list[Cell] = [
        None if verdicts is None else getattr(verdicts, item) for item in _VERDICTS
    ]
    cells.append(_number(line.now))
    for item in line.before:
        cells += [_confirmed(item), _number(item)]
    return cells


def _name(line: SituationLine, words: ExportVocabulary) -> str:
    name = line.name.removeprefix("kind_")
    return words(f"{'kind' if name != line.name else line.part.value}.{name}")


def _number(figure: SituationFigure | None) -> int | None:
    return None if figure is None or figure.value is None else round(figure.value)


def _confirmed(figure: SituationFigure | None) -> int | None:
    return None if figure is None or figure.verdicts is None else figure.verdicts.confirmed


def _listing(report: SituationReport, part: SituationPart, words: ExportVocabulary) -> Listing:
    """Return a part as a table; earlier verdicts read `true/all` to save columns."""
    earlier = [words(f"situation.{item.comparison}") for item in report.compared]
    has_verdicts = part in _WITH_VERDICTS
    own = (*_VERDICTS, "total") if has_verdicts else ("now",)
    if has_verdicts:
        earlier = [f"{name} ({words('situation.of_total')})" for name in earlier]
    heads = [words("figure"), *(words(f"situation.{item}") for item in own), *earlier]
    return Listing(
        title=words(f"situation.{part}"),
        heads=heads,
        widths=[2.4, *(1.0 for _ in heads[1:])],
        rows=[
            [_name(line, words), *_paper_cells(line, len(own))]
            for line in report.lines
            if line.part is part
        ],
    )


def _paper_cells(line: SituationLine, own: int) -> list[str]:
    """Return the last `own` cells of this period, and one for each earlier one."""
    cells = _cells(line)[: len(_VERDICTS) + 1][-own:]
    return [*(cell_text(cell) for cell in cells), *(_before(item) for item in line.before)]


def _before(figure: SituationFigure | None) -> str:
    number, confirmed = cell_text(_number(figure)), _confirmed(figure)
    return number if confirmed is None else f"{cell_text(confirmed)}/{number}"


def _prose(report: SituationReport, state: AppState, words: ExportVocabulary) -> Prose:
    text = report.text
    title = words("situation.text")
    if text is None:
        return Prose(title=title, text=words("situation.no_text"))
    signed = f"({state.people.name(text.by)}, {moment(text.at)})"
    return Prose(title=title, text=f"{text.text}\n{signed}")


def _numbered(block: Block, numeral: str) -> Block:
    return replace(block, title=f"{numeral}. {block.title.upper()}")


def _text_table(report: SituationReport, words: ExportVocabulary) -> SpreadsheetTable:
    text = report.text
    rows: list[list[Cell]] = [[words("situation.no_text")]]
    if text is not None:
        rows = [[text.text], [ClockTime(text.at)]]
    return SpreadsheetTable(
        name=words("situation.text")[:31], heads=[words("situation.text")], widths=[90.0], rows=rows
    )
