"""Statistics of a period: counted once, then shown, or exported as a workbook or a paper."""

from dataclasses import dataclass

from thapcanh.alerts.statistics.statistic_counts import counted_months
from thapcanh.alerts.statistics.statistic_period import (
    StatisticPeriod,
    month_at,
    month_of,
    quarter_of,
    year_of,
)
from thapcanh.alerts.statistics.statistic_rows import StatisticRow, statistic_rows
from thapcanh.app.reports.export_words import ExportVocabulary
from thapcanh.app.reports.paper.content import Block, Listing, Paper, moment, place_of
from thapcanh.app.reports.report_table import cell_text
from thapcanh.app.reports.spreadsheet import Cell, SpreadsheetTable
from thapcanh.app.statistics.statistic_form import FormedPart, StatisticForm, formed
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticReport:
    """All figures; `compared` are the period before and the year before, cut alike."""

    period: StatisticPeriod
    made_at: float
    compared: tuple[StatisticPeriod, ...]
    known: tuple[bool, ...]
    rows: tuple[StatisticRow, ...]


def requested_period(
    state: AppState, month: str | None, quarter: str | None, year: str | None
) -> StatisticPeriod:
    """Return the requested period; by default this month."""
    named = [item for item in (month, quarter, year) if item is not None]
    now = state.services.clock.utc()
    if len(named) > 1:
        raise ApiError(422, "statistic_period", extra={"field": "query.month"})
    if not named:
        return month_at(now)
    period = (
        month_of(month or "")
        or (None if quarter is None else quarter_of(quarter))
        or (None if year is None else year_of(year))
    )
    if period is None or period.since > now:
        raise ApiError(422, "statistic_period", extra={"field": "query.month"})
    return period


def statistic_report(
    caller: CurrentUser, state: AppState, period: StatisticPeriod
) -> StatisticReport:
    """Count a period and those beside it, of what the caller may see."""
    now = state.services.clock.utc()
    compared = (period.before,) if period.months == 12 else (period.before, period.year_before)
    passed_s = now - period.since
    spans = [
        (item.since, min(item.until, item.since + passed_s) if now < period.until else item.until)
        for item in compared
    ]
    counted, before = counted_months(
        state.services.archive.database, (period.since, period.until), spans, caller.scope
    )
    return StatisticReport(
        period=period,
        made_at=now,
        compared=compared,
        known=tuple(item is not None for item in before),
        rows=statistic_rows(counted, before),
    )


_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_ROMAN_QUARTERS = ("I", "II", "III", "IV")


def statistic_sheets(
    report: StatisticReport,
    parts: list[FormedPart],
    words: ExportVocabulary,
    numbers: dict[str, str],
) -> list[SpreadsheetTable]:
    """Return the figures, what each sum lacks, and its incident numbers."""
    heads = _heads(report, words)
    lacking = [f"{head}: {words('situation.lacking')}" for head in heads[1:]]
    heads = [
        words("situation.part"),
        *heads,
        *lacking,
        words("situation.population"),
        words("situation.incidents"),
    ]
    return [
        SpreadsheetTable(
            name=words("situation.figures"),
            heads=heads,
            widths=[30.0, 46.0, *(18.0 for _ in heads[2:-2]), 30.0, 60.0],
            rows=[
                [
                    part,
                    title,
                    *_values(row, words),
                    *_lacking(row),
                    words(f"population.{row.population.value}"),
                    " ".join(numbers.get(item, "") for item in row.incidents),
                ]
                for part, rows in parts
                for title, row in rows
            ],
        )
    ]


def statistic_paper(
    report: StatisticReport, form: StatisticForm, state: AppState, by: str
) -> Paper:
    """Return the form as a document; `by` is its author."""
    site, words = state.services.site(), ExportVocabulary(Language.VI)
    period = report.period
    heads = _heads(report, words)
    blocks: list[Block] = [
        Listing(
            title=f"{_roman(number)}. {part.upper()}",
            heads=[*heads, words("situation.population")],
            widths=[2.4, *(1.0 for _ in heads[1:]), 1.4],
            rows=[
                [title, *_texts(row, words), words(f"population.{row.population.value}")]
                for title, row in rows
            ],
        )
        for number, (part, rows) in enumerate(formed(form, report.rows, Language.VI), 1)
    ]
    so_far = f"; số liệu đến {moment(report.made_at)}" if report.made_at < period.until else ""
    return Paper(
        agency=site.site.name,
        place=place_of(site),
        made_at=report.made_at,
        code=form.code,
        title=form.title,
        subject=(
            f"{form.subject} {period_words(period)} "
            f"(từ {moment(period.since)} đến trước {moment(period.until)}{so_far})"
        ),
        blocks=blocks,
        closing=(
            f"{by} lập lúc {moment(report.made_at)}; mọi số liệu do máy đếm từ hồ sơ vụ việc có "
            "niêm phong, không có số nhập tay."
        ),
        recipients=form.recipients,
        signer=form.signer,
    )


def period_words(period: StatisticPeriod) -> str:
    match period.months:
        case 1:
            return f"tháng {period.part}/{period.year}"
        case 3:
            return f"quý {_ROMAN_QUARTERS[period.part - 1]}/{period.year}"
        case _:
            return f"năm {period.year}"


def _heads(report: StatisticReport, words: ExportVocabulary) -> list[str]:
    return [words("figure"), words("situation.now"), *(item.name for item in report.compared)]


def _values(row: StatisticRow, words: ExportVocabulary) -> list[Cell]:
    """Return a figure in each period; None where it was not counted."""
    return [
        round(value) if value is not None else words("situation.not_known") if lacking else None
        for value, lacking in zip((row.value, *row.before), _lacking(row), strict=True)
    ]


def _lacking(row: StatisticRow) -> list[int | None]:
    """Return how many incidents the figure lacks in each period; None for zero."""
    counts = (len(row.not_said), *row.before_not_said)
    return [count or None for count in counts]


def _texts(row: StatisticRow, words: ExportVocabulary) -> list[str]:
    """Return the figures as text, with the number of lacking incidents."""
    cells, lacking = _values(row, words), _lacking(row)
    return [_text(*item, words("situation.lacking")) for item in zip(cells, lacking, strict=True)]


def _text(cell: Cell, lacking: int | None, words: str) -> str:
    if lacking is None:
        return cell_text(cell)
    text = f"{lacking} {words}"
    return text if isinstance(cell, str) else f"{cell_text(cell)} ({text})"


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text
