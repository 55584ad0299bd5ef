"""Run cards over HTTP: what is proposed, and steps that are ticked once, by whom and when."""

from collections.abc import Callable

from tests.app.incidents.test_dispatch import CSV, detail, post
from tests.app.incidents.test_incidents import act, opened
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.config.dispatch.run_cards import RunCardConfig, step_id

MakeDesk = Callable[..., Desk]
STEPS = ("Xác minh địa chỉ", "Báo điện lực cắt điện")
CARD = RunCardConfig.model_validate(
    {
        "id": "chay",
        "name": "Cháy",
        "kinds": ("fire",),
        "units": ({"kind": "fire_engine", "count": 1}, {"kind": "ambulance", "count": 2}),
        "tell": ("Điện lực",),
        "steps": STEPS,
    }
)


def has_card(centre: Centre, *cards: RunCardConfig) -> None:
    centre.site.replace(centre.site().model_copy(update={"run_cards": cards}))


def test_a_card_proposes_units_and_says_which_are_not_there(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    has_card(centre, CARD)
    assert post(desk_of("ld", Role.LEADER), "units/import", csv=CSV).status_code == 200
    found = opened(desk)
    shown = detail(desk, found)
    card = shown["card"]
    assert (card["name"], card["tell"], card["proposed"]) == ("Cháy", ["Điện lực"], ["xe-1"])
    assert card["missing"] == [{"kind": "ambulance", "count": 2}]
    assert shown["units"][0]["id"] == "xe-1"
    sent = act(desk, found, "dispatch", units=["xe-1"], services=["Điện lực"]).json()
    assert detail(desk, sent)["card"]["proposed"] == []
    assert [one["id"] for one in desk.get("/api/v1/run-cards").json()["items"]] == ["chay"]
    has_card(centre)
    assert detail(desk, found)["card"]["name"] is None


def test_a_step_is_ticked_once_and_two_officers_do_not_stand_in_each_others_way(
    centre: Centre, desk: Desk, desk_of: MakeDesk
) -> None:
    has_card(centre, CARD)
    other, found = desk_of("hai", Role.OPERATOR), opened(desk)
    first, second = (step_id(words) for words in STEPS)
    assert act(desk, found, "step", procedure=first).status_code == 200
    assert act(other, found, "step", procedure=second).status_code == 200  # an older version
    assert act(other, found, "assess").status_code == 200
    again = act(other, found, "step", procedure=first)
    assert (again.status_code, again.json()["error"]) == (409, "step_ticked")
    assert "Đồng chí" in again.text
    has_card(centre, CARD.model_copy(update={"steps": STEPS[1:]}))
    shown = detail(desk, found)
    steps = {one["words"]: one["by"]["name"] for one in shown["card"]["steps"]}
    assert list(steps) == [STEPS[1], STEPS[0]]  # what the card has no more stays as it was done
    assert steps[STEPS[1]] == "Đồng chí hai"
    told = [line["procedure"] for line in shown["log"] if line["action"] == "ticked"]
    assert told == list(STEPS)
    assert centre.archive.verify_chain().ok


def test_a_step_that_is_none_is_refused(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    has_card(centre, CARD)
    found = opened(desk)
    unknown = act(desk, found, "step", procedure="nothing")
    assert (unknown.status_code, unknown.json()["error"]) == (422, "procedure_unknown")
    both = act(desk, found, "step", procedure=step_id(STEPS[0]), step="controlled")
    assert both.status_code == 422
    stranger = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    hidden = act(stranger, found, "step", procedure=step_id(STEPS[0]))
    assert hidden.status_code == 404
    viewer = desk_of("xem", Role.VIEWER)
    assert act(viewer, found, "step", procedure=step_id(STEPS[0])).status_code == 403
    closed = act(desk, found, "close", disposition="false_alarm")
    assert closed.status_code == 200, closed.text
    late = act(desk, closed.json(), "step", procedure=step_id(STEPS[0]))
    assert late.status_code == 409
