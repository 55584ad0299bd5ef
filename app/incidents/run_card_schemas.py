"""API schemas of run cards, and their conversion."""

from collections.abc import Sequence

from thapcanh.alerts.incidents.incident_views import ProcedureTick
from thapcanh.alerts.incidents.units.run_cards import ProposedUnits
from thapcanh.alerts.incidents.units.units import UnitKind
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time
from thapcanh.config.dispatch.run_cards import IncidentKindName, RunCardConfig, step_id


class UnitCountResponse(ApiModel):
    """Number of units of a kind."""

    kind: UnitKind
    count: int


class ProcedureStepResponse(ApiModel):
    """A step of the procedure; when it was done and by whom, if it was."""

    id: str
    words: str
    at: Time | None
    by: PersonResponse | None


class RunCardResponse(ApiModel):
    """A run card as the site has it."""

    id: str
    name: str
    kinds: list[IncidentKindName]
    areas: list[str] | None
    units: list[UnitCountResponse]
    tell: list[str]
    steps: list[str]


class RunCardListResponse(ApiModel):
    """Every run card, in the order of the configuration."""

    items: list[RunCardResponse]


class IncidentCardResponse(ApiModel):
    """The run card of an incident: what it proposes now, and what of its procedure was done."""

    name: str | None
    units: list[UnitCountResponse]
    tell: list[str]
    proposed: list[str]
    missing: list[UnitCountResponse]
    steps: list[ProcedureStepResponse]


def run_card_response(card: RunCardConfig) -> RunCardResponse:
    return RunCardResponse(
        id=card.id,
        name=card.name,
        kinds=list(card.kinds),
        areas=None if card.areas is None else list(card.areas),
        units=_requested(card),
        tell=list(card.tell),
        steps=list(card.steps),
    )


def incident_card_response(
    card: RunCardConfig | None,
    proposed: ProposedUnits,
    ticks: Sequence[ProcedureTick],
    people: People,
) -> IncidentCardResponse:
    """Return a card with completed steps, including those that the card no longer has."""
    done = {tick.id: tick for tick in ticks}
    words = {} if card is None else {step_id(item): item for item in card.steps}
    words |= {tick.id: tick.words for tick in ticks if tick.id not in words}
    steps = [
        ProcedureStepResponse(
            id=name,
            words=text,
            at=done[name].at if name in done else None,
            by=people.person(done[name].by) if name in done else None,
        )
        for name, text in words.items()
    ]
    return IncidentCardResponse(
        name=None if card is None else card.name,
        units=[] if card is None else _requested(card),
        tell=[] if card is None else list(card.tell),
        proposed=list(proposed.units),
        missing=[UnitCountResponse(kind=kind, count=count) for kind, count in proposed.missing],
        steps=steps,
    )


def _requested(card: RunCardConfig) -> list[UnitCountResponse]:
    return [UnitCountResponse(kind=UnitKind(item.kind), count=item.count) for item in card.units]
