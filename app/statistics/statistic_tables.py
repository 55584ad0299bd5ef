"""Statistics as a table for the workbook, and as an official paper of the same cells."""

from alerts.statistics.statistic_period import StatisticPeriod
from alerts.statistics.statistic_rows import StatisticRow
from app.reports.export_words import ExportVocabulary
from app.reports.paper.content import Block, Listing, Paper, moment, place_of
from app.reports.report_table import cell_text
from app.reports.spreadsheet import Cell, SpreadsheetTable
from app.statistics.statistic_form import FormedPart, StatisticForm, formed
from app.statistics.statistic_report import StatisticReport
from app.web_api.app_state import AppState
from app.web_api.language import Language

_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_ROMAN_QUARTERS = ("I", "II", "III", "IV")


def statistic_sheets(
    report: StatisticReport,
    parts: list[FormedPart],
    words: ExportVocabulary,
    numbers: dict[str, str],
) -> list[SpreadsheetTable]:
    """The form's figures, and beside them the numbers of the incidents that each is made of."""
    heads = [words("situation.part"), *_heads(report, words), words("situation.incidents")]
    return [
        SpreadsheetTable(
            name=words("situation.figures"),
            heads=heads,
            widths=[30.0, 46.0, *(18.0 for _ in heads[2:-1]), 60.0],
            rows=[
                [
                    part,
                    title,
                    *_values(row),
                    " ".join(numbers.get(one, "") for one in row.incidents),
                ]
                for part, rows in parts
                for title, row in rows
            ],
        )
    ]


def statistic_paper(report: StatisticReport, form: StatisticForm, here: AppState, by: str) -> Paper:
    """The form as a paper; `by` is who made it."""
    site, words = here.services.site(), ExportVocabulary(Language.VI)
    period = report.period
    heads = _heads(report, words)
    blocks: list[Block] = [
        Listing(
            title=f"{_roman(number)}. {part.upper()}",
            heads=heads,
            widths=[2.4, *(1.0 for _ in heads[1:])],
            rows=[[title, *(cell_text(cell) for cell in _values(row))] for title, row in rows],
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
    """A period as a paper names it."""
    match period.months:
        case 1:
            return f"tháng {period.part}/{period.year}"
        case 3:
            return f"quý {_ROMAN_QUARTERS[period.part - 1]}/{period.year}"
        case _:
            return f"năm {period.year}"


def _heads(report: StatisticReport, words: ExportVocabulary) -> list[str]:
    return [words("figure"), words("situation.now"), *(one.name for one in report.compared)]


def _values(row: StatisticRow) -> list[Cell]:
    return [None if one is None else round(one) for one in (row.value, *row.before)]


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text
