"""Words of a notice that no longer count are rendered nowhere that the public or a program reads.

And what the system holds of an incident is refused by every act that publishes words.
"""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest
import sqlalchemy as sa

from tests.alerts.delivery.target_of_table import target_of_table
from tests.app.calls.test_calls import taken
from tests.app.public_notices.test_public_notices import PLACE, ask, leader
from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import DeliveryState, ResendResult
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.alerts.public_notices.public_notice_rows import public_notice_version
from thapcanh.alerts.siem.cef_message import cef
from thapcanh.alerts.store.action_log import LogRow
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.outbox.outbox import delivery, outbox_event
from thapcanh.alerts.store.roles import EVERYTHING, Actor, Role
from thapcanh.app.delivery.routing_tasks import RoutingTask
from thapcanh.app.web_api.access.token_scopes import TokenScope, token_sha256
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.config.secret import SecretUrl
from thapcanh.config.targets import TargetConfig

MakeDesk = Callable[..., Desk]
__all__ = ["leader"]
TITLE, TEXT, WARD = "Thông tin về vụ cháy quán kem", "Vụ cháy ở quán kem bên chợ.", "khu chợ cũ"
SECRETS = ("quán kem", "chợ")
TOKEN = "tc_" + "n" * 43
ADMIN = Actor(username="quan", name="Quân", role=Role.ADMIN, scope=EVERYTHING)


@pytest.fixture
def target(centre: Centre) -> TargetConfig:
    """A target that asked for notices."""
    made = target_of_table(
        {"id": "cong-an", "name": "Trang của phường", "kind": "webhook", "secret": "s" * 40,
         "kinds": ["notice"], "url": SecretUrl("https://phuong.example/hook")}
    )  # fmt: skip
    centre.site.replace(centre.site().model_copy(update={"targets": (made,)}))
    return made


def route(centre: Centre) -> DeliveryRepository:
    database = centre.archive.database
    repository = DeliveryRepository(database)
    RoutingTask(RoutingStore(database), repository, centre.site).route(centre.clock.at)
    return repository


def signed(desk: Desk, leader: Desk) -> str:
    made = ask(desk, kind="fire", title=TITLE, text=TEXT, ward=WARD)
    assert made.status_code == 201, made.text
    notice: str = made.json()["id"]
    assert ask(leader, f"/{notice}/sign", draft=1).status_code == 200
    return notice


def public_answers(centre: Centre, address: str, notice: str) -> Iterator[tuple[str, str]]:
    """Every address that anybody may read, found in the API document; and a program's list."""
    program = ApiToken(
        id="t1", name="web", token_sha256=token_sha256(TOKEN), roles=frozenset({Role.OPERATOR}),
        powers=frozenset({TokenScope.READ}), scope=EVERYTHING, created_at=NOW,
        expires_at=NOW + 9e6,
    )  # fmt: skip
    ApiTokenRepository(centre.archive.database).add(program)
    paths = [
        path.replace("{notice_id}", notice)
        for path, operations in centre.app().openapi()["paths"].items()
        if "get" in operations and "notices" in operations["get"].get("tags", ())
    ]
    assert len(paths) >= 5, paths
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=address, trust_env=False, timeout=60, headers=headers) as reader:
        for path in paths:
            answer = reader.get(path)
            assert answer.status_code == 200, (path, answer.text)
            yield path, answer.text


def assert_nothing_left(centre: Centre, address: str, notice: str) -> None:
    for path, text in public_answers(centre, address, notice):
        assert not [one for one in SECRETS if one in text], (path, text)
    with centre.archive.database.reading() as connection:
        for row in connection.execute(sa.select(outbox_event.c.type, outbox_event.c.data)):
            assert not [one for one in SECRETS if one in row.data], row


def test_a_withdrawn_notice_shows_none_of_its_words_to_the_public_or_to_programs(
    centre: Centre, desk: Desk, leader: Desk, address: str, target: TargetConfig
) -> None:
    notice = signed(desk, leader)
    shown = dict(public_answers(centre, address, notice))
    assert sum(TEXT in text for text in shown.values()) >= 3, "the test looks where words stand"
    gone = ask(leader, f"/{notice}/withdraw", reason="Có thông tin riêng tư của một gia đình")
    assert gone.status_code == 200, gone.text
    with centre.archive.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM api_token"))
    assert_nothing_left(centre, address, notice)
    page = httpx.get(f"{address}{PREFIX}/public/notices", trust_env=False).text
    assert "Có thông tin riêng tư" in page
    assert centre.archive.verify_chain().ok


def test_a_row_that_an_older_version_wrote_shows_none_of_the_withdrawn_words(
    centre: Centre, desk: Desk, leader: Desk, address: str
) -> None:
    notice = signed(desk, leader)
    assert ask(leader, f"/{notice}/withdraw", reason="Có thông tin riêng tư").status_code == 200
    older = sa.update(public_notice_version).where(public_notice_version.c.act == "withdrawn")
    with centre.archive.database.writing() as connection:
        connection.execute(older.values(title=TITLE, text=TEXT))
    assert_nothing_left(centre, address, notice)


@pytest.mark.parametrize("is_routed", [True, False], ids=["routed", "not routed"])
def test_words_that_wait_for_a_target_are_dropped_with_the_next_version(
    centre: Centre, desk: Desk, leader: Desk, target: TargetConfig, *, is_routed: bool
) -> None:
    notice = signed(desk, leader)
    if is_routed:
        ((first,),) = route(centre).due(target.id, centre.clock.at, 9)
        assert first.event.data["text"] == TEXT
    assert ask(leader, f"/{notice}/withdraw", reason="Có thông tin riêng tư").status_code == 200
    repository = route(centre)
    ((told,),) = repository.due(target.id, centre.clock.at, 9)
    assert told.event.type == "thapcanh.notice.withdrawn.v1"
    assert not [one for one in SECRETS if one in json.dumps(told.event.data, ensure_ascii=False)]
    if is_routed:
        with centre.archive.database.reading() as connection:
            row = connection.execute(sa.select(delivery).where(delivery.c.id == first.id)).one()
        assert row.state == DeliveryState.DISCARDED.value
        sent = repository.resend(first.id, ADMIN, centre.clock.at)
        assert sent is ResendResult.OVERTAKEN


def test_a_corrected_notice_leaves_no_earlier_words_with_the_public(
    centre: Centre, desk: Desk, leader: Desk, address: str, target: TargetConfig
) -> None:
    notice = signed(desk, leader)
    route(centre)
    other = {"title": "Thông tin về vụ cháy", "text": "Vụ cháy đã được khống chế."}
    assert ask(desk, f"/{notice}", "PUT", **other, draft=1).status_code == 200
    assert ask(leader, f"/{notice}/sign", draft=2).status_code == 200
    texts = dict(public_answers(centre, address, notice))
    assert not [path for path, text in texts.items() if "quán kem" in text]
    assert len(route(centre).due(target.id, centre.clock.at, 9)[0]) == 1


def test_the_words_of_a_draft_go_to_no_siem(centre: Centre, desk: Desk, leader: Desk) -> None:
    signed(desk, leader)
    query = sa.select(action_log).where(action_log.c.action == "notice_drafted")
    with centre.archive.database.reading() as connection:
        row = connection.execute(query).one()
    names = LogRow.__dataclass_fields__
    told = cef(LogRow(**{name: getattr(row, name) for name in names}), "1")
    assert not [one for one in SECRETS if one in told], told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Người báo tin có số đuôi 345678.", "notice_has_number"),
        ("Ngôi nhà ở Hàng Bài, 12, bị cháy.", "notice_has_address"),
        ("Quanh điểm 21,024 đang bị chặn.", "notice_has_position"),
        ("Theo tran quoc bao thì lửa đã tắt.", "notice_has_name"),
        ("Theo le minh thu thì lửa đã tắt.", "notice_has_name"),
    ],
)
def test_what_the_system_holds_of_the_incident_is_refused_by_every_act(
    centre: Centre, desk: Desk, leader: Desk, text: str, why: str
) -> None:
    said = {"place": PLACE, "caller": "0912 345 678", "words": "Tôi là Lê Minh Thu, nhà tôi cháy"}
    incident = taken(desk, **said).json()["incident"]
    with centre.archive.database.writing() as connection:
        connection.execute(
            sa.text("UPDATE user_account SET name = 'Đ/c Trần Quốc Bảo' WHERE username = 'binh'")
        )
    body = {"title": "Thông tin vụ cháy", "text": text}
    made = ask(desk, incident=incident, **body)
    assert (made.status_code, made.json()["error"]) == (422, why)
    good = ask(desk, incident=incident).json()
    again = ask(desk, f"/{good['id']}", "PUT", **body, draft=1)
    assert (again.status_code, again.json()["error"]) == (422, why)
    with centre.archive.database.writing() as connection:  # as before it was known
        connection.execute(sa.text("UPDATE public_notice SET draft_text = :text"), {"text": text})
    unsigned = ask(leader, f"/{good['id']}/sign", draft=1)
    assert (unsigned.status_code, unsigned.json()["error"]) == (422, why)
    assert ask(desk, f"/{good['id']}", "PUT", **body | {"text": "Đã tắt."}, draft=1).is_success
    assert ask(leader, f"/{good['id']}/sign", draft=2).is_success
    kept = ask(leader, f"/{good['id']}/withdraw", reason=text)
    assert (kept.status_code, kept.json()["error"]) == (422, why)
    assert kept.json()["field"] == "body.reason"
