"""The names that exported tables use for people, areas and agencies."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.reports.export_words import ExportVocabulary
from app.web_api.people import People
from config.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNames:
    """Turns machine's names into a reader's words."""

    words: ExportVocabulary
    people: People
    areas: Mapping[str, str]
    agencies: Mapping[str, str]

    @classmethod
    def of(cls, words: ExportVocabulary, people: People, site: Site) -> "SiteNames":
        """The names of a site."""
        return cls(
            words=words,
            people=people,
            areas={area.id: area.name for area in site.areas},
            agencies={agency.id: agency.name for agency in site.agencies},
        )

    def person(self, username: str | None) -> str | None:
        """A person's name."""
        return None if username is None else self.people.name(username)

    def area(self, area_id: str | None) -> str | None:
        """An area's name; its id where the site no longer knows it."""
        return self.areas.get(area_id, area_id) if area_id else None

    def agency(self, agency_id: str | None) -> str | None:
        """An agency's name; its id where the site no longer knows it."""
        return self.agencies.get(agency_id, agency_id) if agency_id else None
