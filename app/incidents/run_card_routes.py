"""Web routes of run cards: list, card of an incident, and its steps."""

from fastapi import APIRouter

from thapcanh.alerts.incidents.records import Incident
from thapcanh.alerts.incidents.units.run_cards import card_for
from thapcanh.app.incidents.run_card_schemas import RunCardListResponse, run_card_response
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.config.dispatch.run_cards import RunCardConfig, step_id

router = APIRouter(prefix=PREFIX, tags=["incidents"])


@router.get("/run-cards")
@permits(EVERYONE, token=TokenScope.READ)
def list_run_cards(_: CurrentUserDep, state: AppStateDep) -> RunCardListResponse:
    """List the site's run cards."""
    cards = state.services.site().run_cards
    return RunCardListResponse(items=[run_card_response(card) for card in cards])


def card_of(found: Incident, state: AppState) -> RunCardConfig | None:
    """Return the card of an incident's kind and area, or None."""
    site = state.services.site()
    return card_for(site.run_cards, found.kind, found.area, site.areas)


def step_words(found: Incident, state: AppState, step: str) -> str | None:
    """Return the words of a procedure's step, or None if the card lacks it."""
    card = card_of(found, state)
    steps = () if card is None else card.steps
    return next((words for words in steps if step_id(words) == step), None)
