"""A caller is texted the link by a target that is named for it; the number is kept nowhere more."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.app.calls.test_caller_links import ask, seen
from tests.app.calls.test_calls import taken
from tests.app.delivery.http_gateway import Gateway
from tests.app.delivery.receiver import Receiver
from tests.app.delivery.served import ADMIN, log_of, served, target, until
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.calls.call_redaction import redact_call
from thapcanh.alerts.calls.caller_links import LASTS_S
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import ResendResult
from thapcanh.alerts.store.outbox.outbox import outbox_event
from thapcanh.alerts.store.roles import Actor, DataFilter, Role
from thapcanh.config.targets import TargetConfig

NUMBER = "0912345678"  # as `taken` says it
OURS = "02439393939"
PUBLIC = "https://canh.example"
MakeDesk = Callable[..., Desk]


@pytest.fixture
def centre(centre: Centre) -> Centre:
    """One that phones reach, at the hour of the machine: deliveries go by it."""
    centre.clock.at = time.time()
    reached = centre.site().centre.model_copy(update={"public_url": PUBLIC})
    centre.site.replace(centre.site().model_copy(update={"centre": reached}))
    return centre


@pytest.fixture
def gateway() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def text(desk: Desk, call: str) -> httpx.Response:
    return ask(desk, "POST", f"calls/{call}/link?send=true")


def told(desk: Desk, call: str) -> dict[str, Any]:
    found: dict[str, Any] = seen(desk, call)["text"]
    return found


def kept(centre: Centre) -> str:
    """All that the outbox holds of what was sent to callers."""
    mine = sa.select(outbox_event.c.data).where(outbox_event.c.kind == "caller_link")
    with centre.archive.database.reading() as connection:
        return " ".join(connection.execute(mine).scalars())


def set_targets(centre: Centre, *targets: TargetConfig) -> None:
    centre.site.replace(centre.site().model_copy(update={"targets": targets}))


def test_one_request_texts_the_caller_and_the_call_says_so(
    desk: Desk, centre: Centre, gateway: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    call = taken(desk).json()["id"]
    other = target(gateway, "pccc")
    with served(centre, other, target(gateway, "sms", caller_links=True)):
        made = text(desk, call)
        assert made.status_code == 201, made.text
        until(lambda: told(desk, call)["state"] == "delivered")
    (sent,) = [one for one in gateway.unique() if one["type"].startswith("thapcanh.caller_link")]
    assert sent["data"]["to"] == NUMBER
    assert made.json()["url"] in sent["data"]["text"]
    assert [one.target for one in log_of(centre) if one.kind == "caller_link"] == ["sms"]
    code = made.json()["url"].rpartition("/")[2]
    logged = "\n".join(one.getMessage() for one in caplog.records)
    acts = [(one.action, str(one.details)) for one in centre.archive.log_of(call)]
    assert ("caller_link_sent", "{'target': 'sms'}") in acts
    for where in (logged, str(acts), kept(centre)):
        assert NUMBER not in where
        assert code not in where
    assert centre.archive.verify_chain().ok


def test_an_sms_gateway_gets_links_for_callers_and_the_daily_test_for_a_telephone_of_ours(
    desk: Desk, centre: Centre
) -> None:
    """Nothing proved that callers could be texted until one had to be."""
    gateway = Gateway()
    url = f"json://{gateway.at}/send?:message=content&:title=&:to={{number}}"
    sms = target_of(url, test_number=OURS)
    call = taken(desk).json()["id"]
    with served(centre, sms):
        made = text(desk, call)
        until(lambda: told(desk, call)["state"] == "delivered", within_s=60)
        until(lambda: len(gateway.asked) == 2, within_s=60)
    gateway.server.shutdown()
    gateway.server.server_close()
    by_number = {one["to"]: one for one in gateway.asked}  # no alert, no incident of the call
    assert "tin thu" in by_number[OURS]["content"]
    asked = by_number[NUMBER]
    assert (asked["to"], made.json()["url"] in asked["content"]) == (NUMBER, True)
    assert len(asked["content"]) <= 160
    assert asked["content"].isascii()


def target_of(url: str, **facts: Any) -> TargetConfig:
    from tests.alerts.delivery.target_of_table import target_of_table

    table = {"id": "sms", "kind": "apprise", "url": url, "caller_links": True, "timeout_s": 20}
    return target_of_table(table | facts)


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("smseagles://token@gw.example/0912345678", True),  # no place for a number
        ("smseagles://token@gw.example/{number}", False),  # a number, and nobody who has one
        ("tgram://123:abc/{number}", True),  # no gateway for numbers
        ("json://{number}/send", True),  # who would choose the machine
    ],
)
def test_an_address_that_cannot_text_callers_is_refused(url: str, links: bool) -> None:
    with pytest.raises(ValueError, match=r"number|caller_links"):
        target_of(url, caller_links=links)


def test_only_a_target_for_callers_has_a_number_for_its_test() -> None:
    with pytest.raises(ValueError, match="test_number goes with caller_links"):
        target_of("smseagles://token@gw.example/0912345678", caller_links=False, test_number=OURS)
    assert not target_of("smseagles://token@gw.example/{number}").has_test


def test_what_cannot_be_texted_is_refused_by_name_and_makes_no_link(
    desk_of: MakeDesk, centre: Centre, gateway: Receiver
) -> None:
    desk = desk_of("cc", Role.OPERATOR, DataFilter(agencies=frozenset({"pc07"})))
    call, silent = taken(desk).json()["id"], taken(desk, caller=None).json()["id"]
    theirs = target(gateway, "sms", caller_links=True, agencies=("csgt",))
    ours = target(gateway, "sms", caller_links=True)
    set_targets(centre, target(gateway, "pccc"), theirs)
    assert refusal(text(desk, call)) == (409, "no_target_for_callers")
    set_targets(centre, ours)
    assert refusal(text(desk, silent)) == (409, "call_without_number")
    assert refusal(text(desk, "none")) == (404, "call_not_found")
    here = centre.site().centre.model_copy(update={"public_url": "http://localhost:8000"})
    centre.site.replace(centre.site().model_copy(update={"centre": here}))
    assert refusal(text(desk, call)) == (409, "caller_link_leads_here")
    listed = f"/api/v1/caller-links?call={call}&call={silent}"
    assert desk.get(listed).json()["items"] == []


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_gateway_that_is_down_is_said_on_the_call_and_asked_again(
    desk: Desk, centre: Centre, gateway: Receiver
) -> None:
    call = taken(desk).json()["id"]
    gateway.answer = lambda _, __: 503
    with served(centre, target(gateway, "sms", caller_links=True)):
        text(desk, call)
        until(lambda: told(desk, call)["error"] == "the receiver answers 503")
        assert told(desk, call)["state"] == "waiting"
        gateway.answer = lambda _, __: 204
        until(lambda: told(desk, call)["state"] == "delivered")


def test_a_link_that_is_over_or_replaced_is_not_texted(
    desk: Desk, centre: Centre, gateway: Receiver
) -> None:
    set_targets(centre, target(gateway, "sms", caller_links=True))
    call, late = taken(desk).json()["id"], taken(desk).json()["id"]
    removed = taken(desk).json()["id"]
    text(desk, call)
    text(desk, call)  # takes the first one's place
    text(desk, removed)
    actor = Actor(username="an", name="An", role=Role.ADMIN)
    assert redact_call(centre.archive.database, actor, removed, "xin xóa", centre.clock.at)
    assert kept(centre).count(NUMBER) == 1
    centre.clock.at -= LASTS_S + 60
    text(desk, late)
    with served(centre, target(gateway, "sms", caller_links=True)):
        until(lambda: told(desk, call)["state"] == "delivered")
        until(lambda: told(desk, late)["state"] == "discarded")
    assert told(desk, late)["error"] == "its time is over"
    links = [one for one in gateway.unique() if "caller_link" in one["type"]]
    assert len(links) == 1
    assert NUMBER not in kept(centre)


def test_a_link_that_the_gateway_refuses_is_dead_and_not_sent_again_empty(
    desk: Desk, centre: Centre, gateway: Receiver
) -> None:
    gateway.answer = lambda _, __: 422
    call = taken(desk).json()["id"]
    with served(centre, target(gateway, "sms", caller_links=True)):
        text(desk, call)
        until(lambda: told(desk, call)["state"] == "dead")
    (dead,) = [one for one in log_of(centre) if one.kind == "caller_link"]
    repository = DeliveryRepository(centre.archive.database)
    assert repository.resend(dead.id, ADMIN, centre.clock.at) is ResendResult.OVER
    assert NUMBER not in kept(centre)


def test_what_no_target_tries_any_more_is_ended_and_emptied(
    desk: Desk, centre: Centre, gateway: Receiver
) -> None:
    set_targets(centre, target(gateway, "sms", caller_links=True))
    call = taken(desk).json()["id"]
    text(desk, call)
    now = centre.clock.at + LASTS_S + 1
    DeliveryRepository(centre.archive.database).forget(0.0, 10, now)
    assert told(desk, call)["state"] == "discarded"
    assert NUMBER not in kept(centre)
