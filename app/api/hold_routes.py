"""Legal hold: whose evidence must stay, and until somebody says otherwise.

A hold changes nothing of an alert: neither its state nor its version. Both steps have a reason and
stand in the action log.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from alerts.archive.hold_book import HoldBook
from alerts.roles import Actor
from app.api.access import Asking, Caller
from app.api.alert_routes import AlertId
from app.api.forms import Form, ShownHold, Time
from app.api.parts import Here, Parts
from app.api.permissions import PREFIX, main_role
from app.api.refusal import Refused
from app.api.showing import shown_hold

router = APIRouter(prefix=PREFIX, tags=["holds"])


class Why(BaseModel):
    """Why evidence is held, or need not be any longer: a case's number, a letter's date."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00]*\S[^\x00]*$")


class ShownHeldAlert(Form):
    """A hold in force, and what it holds."""

    hold: ShownHold
    number: str
    kind: str
    camera_name: str
    raised_at: Time


class HoldList(Form):
    """Holds in force, the newest first."""

    items: list[ShownHeldAlert]


@router.get("/holds")
def list_holds(
    caller: Asking, here: Here, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> HoldList:
    """What is held."""
    items = [
        ShownHeldAlert(
            hold=shown_hold(each.hold, here.people),
            number=each.number,
            kind=each.kind,
            camera_name=each.camera_name,
            raised_at=each.raised_at,
        )
        for each in _book(here).all_in_force(caller.scope, limit)
    ]
    return HoldList(items=items)


@router.post("/alerts/{alert_id}/hold")
def hold_evidence(caller: Asking, here: Here, alert_id: AlertId, why: Why) -> ShownHold:
    """Hold an alert's evidence; what is held already stays held as it was."""
    now = here.services.clock.utc()
    placed = _book(here).place(_id(alert_id), why.reason, _actor(caller), now)
    if placed is None:
        raise Refused(404, "alert_not_found")
    return shown_hold(placed, here.people)


@router.post("/alerts/{alert_id}/release")
def release_evidence(caller: Asking, here: Here, alert_id: AlertId, why: Why) -> ShownHold:
    """End the hold: from now on the evidence is kept as long as others of its class."""
    now = here.services.clock.utc()
    ended = _book(here).release(_id(alert_id), why.reason, _actor(caller), now)
    if ended is None:
        raise Refused(404, "not_held")
    return shown_hold(ended, here.people)


def _book(here: Parts) -> HoldBook:
    return HoldBook(here.services.archive.database)


def _actor(caller: Caller) -> Actor:
    return caller.actor(main_role(caller.roles))


def _id(alert_id: str) -> str:
    if "\0" in alert_id:
        raise Refused(404, "alert_not_found")
    return alert_id
