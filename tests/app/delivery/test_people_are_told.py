"""Mail, SMS gateways and sirens by a real SMTP server and a real HTTP gateway, and what they do."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest

from tests.app.delivery.http_gateway import Gateway
from tests.app.delivery.mail_server import PASSWORD, USER, MailServer
from tests.app.delivery.served import VOICE, act, log_of, served, until
from tests.app.web_api.centre import Centre
from tests.ingest.sources.tls_camera import behind_tls, certificate
from tests.patience import patient
from thapcanh.alerts.delivery.attempt import Attempt, AttemptOutcome
from thapcanh.alerts.delivery.outbox.records import DeliveryState, DueDelivery
from thapcanh.alerts.delivery.targets.apprise import AppriseSender, AppriseTarget
from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent
from thapcanh.app.delivery.person_message import person_message
from thapcanh.ingest.address_guard import AddressGuard

FIRE = OutgoingEvent(
    type="thapcanh.alert.opened.v1",
    subject="alert/a",
    kind="fire",
    priority=1,
    version=1,
    at=1_795_582_800.0,  # 2026-11-25 12:00 in Hanoi
    data={
        "number": "CB-20261125-000017",
        "state": "new",
        "place": "12 Hàng Bài\r\nBcc: x@example.com\r\n\r\n<b>{{ app_id }}</b>",
        "ward": "Cửa Nam",
        "camera_name": "Chợ, Cửa Nam",
    },
)


@pytest.fixture
def mail() -> Iterator[Callable[..., MailServer]]:
    made: list[MailServer] = []

    def one(**settings: Any) -> MailServer:
        made.append(MailServer(**settings))
        return made[-1]

    yield one
    for each in made:
        each.close()


def people(url: str, **changes: Any) -> AppriseTarget:
    facts: dict[str, Any] = {"id": "people", "kind": "apprise", "url": url}
    return AppriseTarget.model_validate(facts | {"timeout_s": 60.0} | changes)


def by_mail(port: int, scheme: str = "mailto", login: str = "", more: str = "") -> str:
    return (
        f"{scheme}://{login}127.0.0.1:{port}?to=an@example.vn&from=tc@example.vn"
        f"&name=Th%C3%A1p%20Canh{more}"
    )


def sent(*targets: AppriseTarget, event: OutgoingEvent = FIRE) -> list[Attempt]:
    """What becomes of one message to each."""

    async def all_of_them() -> list[Attempt]:
        found = []
        for one in targets:
            sender = AppriseSender(one, VOICE)
            due = DueDelivery(id="0190-a", target=one.id, attempts=0, created_at=0.0, event=event)
            try:
                found.append(await sender.send(due))
            finally:
                await sender.close()
        return found

    return asyncio.run(all_of_them())


def test_a_mail_is_plain_text_with_its_own_headers_alone(mail: Callable[..., MailServer]) -> None:
    server = mail()
    assert [one.outcome for one in sent(people(by_mail(server.port)))] == [AttemptOutcome.DELIVERED]
    (told,) = server.taken
    assert server.receivers == [["an@example.vn"]]
    assert told.get_content_type() == "text/plain"
    assert told["To"] == "an@example.vn"
    assert told["Bcc"] is None
    assert told["Idempotency-Key"] == "0190-a"
    said = "12 Hàng Bài Bcc: x@example.com <b>{{ app_id }}</b>, Cửa Nam, Chợ"
    assert told["Subject"] == f"P1 Cháy 12:00 · {said} · CB-20261125-000017"
    assert told.get_content().splitlines() == [
        "Sự việc: Cháy",
        "Ưu tiên: P1",
        "Trạng thái: Chưa ai nhận",
        f"Địa điểm: {said}",
        "Lúc: 12:00:00 25/11/2026",
        "Mã số: CB-20261125-000017",
        "Trung tâm: Trung tâm Hà Nội",
    ]


def test_what_a_mail_server_refuses_is_said_without_its_words(
    mail: Callable[..., MailServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem, other = certificate(tmp_path), certificate(tmp_path, expired=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    plain, login = mail(), mail(certificate=pem)
    full = mail(answer=lambda _: "452 topsecret mailbox full")
    spam = mail(answer=lambda _: "554 topsecret is spam")
    gone = mail()
    gone.refused.add("an@example.vn")
    right = f"{USER}:{quote(PASSWORD, safe='')}@"
    with behind_tls(plain.port, other) as untrusted:
        found = sent(
            people(by_mail(login.port, "mailtos", right)),
            people(by_mail(login.port, "mailtos", f"{USER}:topsecret@")),
            people(by_mail(login.port, "mailtos", f"{USER}:m%E1%BA%ADt@")),
            people(by_mail(gone.port)),
            people(by_mail(full.port)),
            people(by_mail(spam.port)),
            people(by_mail(plain.port, "mailtos", "an:topsecret@")),
            people(by_mail(plain.port, "mailtos", "an:topsecret@", "&mode=ssl")),
            people(by_mail(untrusted, "mailtos", more="&mode=ssl")),
        )
    assert [(one.outcome.value, one.status, one.error) for one in found] == [
        ("delivered", None, None),
        ("failed", 535, "the mail server does not accept our login (535)"),
        ("failed", None, "a mail server's login can be in ASCII alone"),
        ("failed", 550, "the mail server refuses the receiver (550)"),
        ("failed", 452, "the mail server answers 452"),
        ("refused", 554, "the mail server refuses this message (554)"),
        (
            "failed",
            None,
            "the mail server does not offer TLS, or no login, as url asks for",
        ),
        ("failed", None, "TLS failed: is it the right port, and the right mode?"),
        (
            "failed",
            None,
            "its certificate is not trusted (self-signed certificate)",
        ),
    ]
    assert plain.taken == []
    assert len(login.taken) == 1


def test_a_gateway_gets_one_short_message(gateway: Gateway) -> None:
    url = f"json://{gateway.at}/send?:message=content&:title=&:to=0912345678"
    gateway.answers = [(200, ""), (500, ""), (401, ""), (422, ""), (302, f"http://{gateway.at}/x")]
    target = people(url, text="sms_unmarked")
    found = sent(target, target, target, target, target, people(url, text="sms"))
    assert [(one.outcome.value, one.error) for one in found] == [
        ("delivered", None),
        ("failed", "the receiver answers 500"),
        ("failed", "the receiver does not accept our secret (401)"),
        ("refused", "the receiver refuses this message (422)"),
        ("failed", "redirects to another address, which is not followed: write it in url"),
        ("delivered", None),
    ]
    assert len(gateway.asked) == 6
    first, last = gateway.asked[0], gateway.asked[-1]
    assert set(gateway.keys) == {"0190-a"}
    assert (first["to"], "title" in first) == ("0912345678", False)
    assert first["content"] == (
        "P1 Chay 12:00: 12 Hang Bai Bcc: x@example.com <b>(( app_id ))</b>, Cua Nam, Cho"
        " CB-20261125-000017"
    )
    assert last["content"] == "P1 Cháy 12:00: 12 Hàng Bài Bcc: x@example.com... CB-20261125-000017"
    assert len(last["content"]) <= 70


def test_nothing_is_opened_but_what_was_judged(
    gateway: Gateway, mail: Callable[..., MailServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mail()

    async def elsewhere(*_: object) -> list[str]:
        return ["192.0.2.1"]

    monkeypatch.setattr(AddressGuard, "judged_on_loop", elsewhere)
    found = sent(people(f"json://{gateway.at}/"), people(by_mail(server.port)))
    assert [one.error for one in found] == [
        "it leads to another machine than url names, which is not followed"
    ] * 2
    assert gateway.asked == []
    assert server.taken == []


def test_a_mail_server_that_hangs_holds_up_no_other(
    centre: Centre, mail: Callable[..., MailServer]
) -> None:
    server = mail()
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        at = f"127.0.0.1:{hanging.getsockname()[1]}"
        stuck = people(
            f"mailto://{at}?to=an@example.vn&from=tc@example.vn", id="stuck", timeout_s=1.0
        )
        with served(centre, stuck, people(by_mail(server.port))) as service:
            for _ in range(3):
                centre.raise_alert()
            until(lambda: len(server.taken) == 4, 60)  # and its test
            until(lambda: (state := service.states().get("stuck")) and state.error, 60)
            assert service.states()["stuck"].error == "no answer within 1 s"
    assert len(log_of(centre, target="stuck", state=DeliveryState.WAITING)) == 4
    assert _children() == []


def test_a_child_that_was_killed_is_started_again(mail: Callable[..., MailServer]) -> None:
    server = mail()
    due = DueDelivery(id="0190-a", target="people", attempts=0, created_at=0.0, event=FIRE)

    async def killed_in_between() -> list[str]:
        sender = AppriseSender(people(by_mail(server.port)), VOICE)
        try:
            outcomes = [(await sender.send(due)).outcome.value]
            for child in _children():
                child.kill()
            while "delivered" not in outcomes[1:]:  # it may see the death first
                outcomes.append((await sender.send(due)).outcome.value)
            return outcomes
        finally:
            await sender.close()

    outcomes = asyncio.run(asyncio.wait_for(killed_in_between(), patient(60.0)))
    assert outcomes[0] == outcomes[-1] == "delivered"
    assert len(server.taken) == outcomes.count("delivered") == 2
    assert _children() == []


def test_people_are_told_of_what_matters_once(
    centre: Centre, mail: Callable[..., MailServer]
) -> None:
    moody = iter([*(["451 later"] * 2), *(["250 taken"] * 50)])
    server = mail(answer=lambda _: next(moody))
    with served(centre, people(by_mail(server.port))) as service:
        alert_id = centre.raise_alert()
        for action in ("acknowledge", "confirm", "close"):
            act(centre, alert_id, action)
        until(
            lambda: not log_of(centre, state=DeliveryState.WAITING) and len(server.taken) >= 5, 60
        )
        (child,) = _children()
        shown = [*child.cmdline(), *child.environ().values()]
        states = str(service.states())
    subjects = [str(told["Subject"]) for told in server.taken]
    assert sum("tin thử hằng ngày" in subject for subject in subjects) == 1
    ours = [subject for subject in subjects if "tin thử" not in subject]
    assert len(ours) == 4
    assert [("Cán bộ trực" in ours[1]), ("Đã xác nhận" in ours[2]), ("kết thúc" in ours[3])] == [
        True
    ] * 3
    assert len({told["Idempotency-Key"] for told in server.taken}) == 5
    assert not any("example.vn" in text for text in (*shown, states))


def test_secrets_are_in_no_log_and_no_error(
    centre: Centre, mail: Callable[..., MailServer], caplog: pytest.LogCaptureFixture
) -> None:
    server = mail(answer=lambda _: "554 topsecret")
    to = people(by_mail(server.port, login=f"{USER}:topsecret@"))
    with caplog.at_level(0), served(centre, to) as service:
        centre.raise_alert()
        until(lambda: (state := service.states().get("people")) and state.error, 60)
        shown = [repr(to), str(service.states()), str(log_of(centre)), *os.environ.values()]
        shown += [text for child in _children() for text in (*child.cmdline(),)]
    assert not any("topsecret" in text or "an@example.vn" in text for text in shown)
    assert "topsecret" not in caplog.text
    assert "an@example.vn" not in caplog.text


def _children() -> list[psutil.Process]:
    name = "thapcanh.alerts.delivery.apprise_child"
    mine = psutil.Process().children(recursive=True)
    return [one for one in mine if name in one.cmdline()]


def test_a_full_message_leads_to_its_screen_where_that_is_known() -> None:
    def last_line(event: OutgoingEvent, screens: str | None) -> str:
        said = person_message(event, "Trung tâm Hà Nội", "full", screens=screens)
        return said.text.splitlines()[-1]

    incident = replace(FIRE, subject="incident/0190-b")
    assert last_line(FIRE, "https://canh.example/") == (
        f"Mở: https://canh.example/history/{FIRE.subject.removeprefix('alert/')}"
    )
    assert last_line(incident, "https://canh.example").endswith("/incidents/0190-b")
    assert last_line(FIRE, None) == "Trung tâm: Trung tâm Hà Nội"
    short = person_message(FIRE, "Trung tâm Hà Nội", "sms", screens="https://canh.example")
    assert "canh.example" not in short.text
