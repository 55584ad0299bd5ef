"""Common parts of exported workbooks: language, author, time and site."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from thapcanh.app.registry.wrong_lines import reader_language
from thapcanh.app.reports.export_words import ExportVocabulary
from thapcanh.app.reports.spreadsheet import Cell, ClockTime, SpreadsheetTable
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.people import People
from thapcanh.config.site import Site


def words_for(request: Request, state: AppState) -> ExportVocabulary:
    return ExportVocabulary(reader_language(request, state))


def metadata_table(
    caller: CurrentUser, state: AppState, words: ExportVocabulary, facts: list[tuple[str, Cell]]
) -> SpreadsheetTable:
    """Return the sheet with author, time and site."""
    rows: list[tuple[str, Cell]] = [
        ("site", state.services.site().site.name),
        ("made_by", caller.session.user.name),
        ("made_at", ClockTime(state.services.clock.utc())),
        *facts,
    ]
    return SpreadsheetTable(
        name=words("about"),
        heads=[words("figure"), words("value")],
        widths=[34, 40],
        rows=[[words(name), value] for name, value in rows],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNames:
    """Turns machine's names into a reader's words."""

    words: ExportVocabulary
    people: People
    areas: Mapping[str, str]
    agencies: Mapping[str, str]

    @classmethod
    def of(cls, words: ExportVocabulary, people: People, site: Site) -> "SiteNames":
        return cls(
            words=words,
            people=people,
            areas={area.id: area.name for area in site.areas},
            agencies={agency.id: agency.name for agency in site.agencies},
        )

    def person(self, username: str | None) -> str | None:
        return None if username is None else self.people.name(username)

    def area(self, area_id: str | None) -> str | None:
        """Return an area's name; its id if the site no longer has it."""
        return self.areas.get(area_id, area_id) if area_id else None

    def agency(self, agency_id: str | None) -> str | None:
        """Return an agency's name; its id if the site no longer has it."""
        return self.agencies.get(agency_id, agency_id) if agency_id else None
