"""What every exported workbook says of itself: its language, who made it, when and where."""

from fastapi import Request

from app.registry.wrong_lines import reader_language
from app.reports.export_words import ExportVocabulary
from app.reports.spreadsheet import Cell, ClockTime, SpreadsheetTable
from app.web_api.access.access import CurrentUser
from app.web_api.app_state import AppState


def words_for(request: Request, here: AppState) -> ExportVocabulary:
    """The words of the reader's language."""
    return ExportVocabulary(reader_language(request, here))


def about_sheet(
    caller: CurrentUser, here: AppState, words: ExportVocabulary, facts: list[tuple[str, Cell]]
) -> SpreadsheetTable:
    """Who made a workbook, when, at which site."""
    told: list[tuple[str, Cell]] = [
        ("site", here.services.site().site.name),
        ("made_by", caller.session.user.name),
        ("made_at", ClockTime(here.services.clock.utc())),
        *facts,
    ]
    return SpreadsheetTable(
        name=words("about"),
        heads=[words("figure"), words("value")],
        widths=[34, 40],
        rows=[[words(name), value] for name, value in told],
    )
