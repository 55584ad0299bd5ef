"""Pictures in mails: people are hidden by a child, and no mail waits longer than agreed."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from tests.app.delivery.mail_server import MailServer
from tests.app.delivery.served import log_of, served, until
from tests.app.exports.people import detail, street
from tests.app.web_api.centre import Centre
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.mail_picture import NOT_SHOWN, SHOWN
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.targets.apprise import AppriseTarget
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3_connection import S3LibraryMissing
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent
from thapcanh.app.delivery import mail_pictures
from thapcanh.app.delivery.mail_pictures import MailPictures
from thapcanh.app.site.site_paths import user_cache_dir
from thapcanh.config.site import Site
from thapcanh.ingest.clock import SystemClock

HANGS = (sys.executable, "-c", "import time; print('{\"ready\": true, \"bytes\": 0}', flush=True);"
         "time.sleep(600)")  # fmt: skip
ECHOES = (
    sys.executable, "-uc",
    "import json, sys\n"
    "first = sys.stdin.buffer.readline()\n"
    "sys.stdout.buffer.write(b'{\"ready\": true, \"bytes\": 0}\\n'); sys.stdout.flush()\n"
    "for line in sys.stdin.buffer:\n"
    "    content = sys.stdin.buffer.read(json.loads(line)['bytes'])\n"
    "    sys.stdout.buffer.write(json.dumps({'bytes': len(content)}).encode() + b'\\n' + content)\n"
    "    sys.stdout.flush()\n",
)  # fmt: skip
"""A child that hides nothing: what these tests are about is the way of a picture."""


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


def to_people(server: MailServer, within_s: float, **changes: Any) -> AppriseTarget:
    url = f"mailto://127.0.0.1:{server.port}?to=an@example.vn&from=tc@example.vn"
    facts = {"id": "chi-huy", "kind": "apprise", "url": url, "timeout_s": 60.0}
    return AppriseTarget.model_validate(facts | {"picture_within_s": within_s} | changes)


def scene() -> NDArray[np.uint8]:
    """A street on grey ground, as `people.detail` measures it."""
    canvas = np.full((720, 1280, 3), 120, np.uint8)
    seen = street()
    canvas[40:680, 40 : 40 + seen.shape[1]] = seen
    return canvas


def alert_with_picture(centre: Centre, **changes: Any) -> str:
    _, encoded = cv2.imencode(".jpg", scene())
    name = f"cam-1/{centre.seq}.jpg"
    kept = centre.file(name, encoded.tobytes(), EvidenceKind.SNAPSHOT_BOXED)
    return centre.raise_alert(evidence=(kept,), **changes)


@contextmanager
def delivering(
    centre: Centre, target: AppriseTarget, **settings: Any
) -> Iterator[list[MailPictures]]:
    """A service that makes pictures; what makes them is told."""
    made: list[MailPictures] = []

    def pictures(site: Site) -> MailPictures:
        store = FolderStore(centre.evidence_root)
        made.append(MailPictures(centre.archive.database, store, site, SystemClock(), **settings))
        return made[-1]

    with served(centre, target, pictures=pictures):
        until(lambda: made and _has_begun(made[0]) and not made[0].is_loading, 60)
        yield made


def _has_begun(pictures: MailPictures) -> bool:
    return pictures._child is not None or pictures._rests_until > 0


def ours(server: MailServer) -> list[EmailMessage]:
    """Those about alerts."""
    return [one for one in server.taken if "CB-" in str(one["Subject"])]


def words_and_picture(told: EmailMessage) -> tuple[str, bytes | None]:
    shown = [one.get_payload(decode=True) for one in told.walk() if one.get_filename()]
    body = told.get_body(("plain",))
    assert body is not None
    assert all(isinstance(one, bytes) for one in shown)
    return body.get_content(), next((one for one in shown if isinstance(one, bytes)), None)


def mailed(centre: Centre, alert: str) -> list[Any]:
    return [one for one in centre.archive.log_of(alert) if one.action == "picture_mailed"]


@pytest.mark.usefixtures("own_cache")
def test_a_mail_carries_a_picture_in_which_nobody_is_recognised(
    centre: Centre, mail: MailServer
) -> None:
    facts = centre.site().site.model_copy(update={"cache_dir": user_cache_dir()})
    centre.site.replace(centre.site().model_copy(update={"site": facts}))
    with delivering(centre, to_people(mail, 10.0)):
        alert = alert_with_picture(centre, priority=1)
        until(lambda: ours(mail), 60)
        (told,) = ours(mail)
        words, picture = words_and_picture(told)
        assert SHOWN in words
        assert picture is not None
        seen = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert seen is not None
        shown = cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY)
        assert min(detail(np.asarray(shown, np.uint8), 40)) > 4.0
        assert max(detail(np.asarray(seen, np.uint8), 40)) < 1.5
        (line,) = mailed(centre, alert)
        assert (line.details["target"], line.details["blurred"]) == ("chi-huy", True)


def test_a_mail_waits_no_longer_than_its_target_says_and_says_that_it_has_no_picture(
    centre: Centre, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_pictures, "_MADE_WITHIN_S", 3600.0)
    with delivering(centre, to_people(mail, 1.0), command=HANGS):
        alerts = [alert_with_picture(centre, priority=1) for _ in range(6)]
        until(lambda: len(ours(mail)) == 6, 30)
        for told in ours(mail):
            words, picture = words_and_picture(told)
            assert NOT_SHOWN in words
            assert picture is None
        assert not any(mailed(centre, one) for one in alerts)


def test_a_mail_without_its_model_goes_at_once(centre: Centre, mail: MailServer) -> None:
    gone = (sys.executable, "-c", 'print(\'{"ready": false, "bytes": 0}\', flush=True)')
    with delivering(centre, to_people(mail, 10.0), command=gone):
        alert_with_picture(centre, priority=1)
        until(lambda: ours(mail), 8)
        assert NOT_SHOWN in words_and_picture(ours(mail)[0])[0]


def test_a_mail_goes_where_nothing_can_make_pictures(centre: Centre, mail: MailServer) -> None:
    """No target of the site was told of anything."""

    def broken(_: Site) -> MailPictures:
        raise S3LibraryMissing("pip install 'thapcanh[s3]'")

    with served(centre, to_people(mail, 10.0), pictures=broken):
        alert_with_picture(centre, priority=1)
        until(lambda: ours(mail))
        assert NOT_SHOWN in words_and_picture(ours(mail)[0])[0]


def test_a_mail_whose_picture_is_refused_goes_without_it_at_once(centre: Centre) -> None:
    def small_alone(told: EmailMessage) -> str:
        return "552 too large" if told.is_multipart() else "250 taken"

    server = MailServer(answer=small_alone)
    try:
        with delivering(centre, to_people(server, 10.0), command=ECHOES):
            alert = alert_with_picture(centre, priority=1)
            until(lambda: ours(server), 30)
            assert NOT_SHOWN in words_and_picture(ours(server)[0])[0]
            assert mailed(centre, alert)  # it left this machine
    finally:
        server.close()


def test_a_mail_that_is_larger_than_its_server_says_goes_without_its_picture_at_once(
    centre: Centre,
) -> None:
    """Each such mail failed first, and after three of them the target rested."""
    server = MailServer(most_bytes=20_000)
    try:
        with delivering(centre, to_people(server, 10.0), command=ECHOES):
            alert = alert_with_picture(centre, priority=1)
            until(lambda: ours(server), 30)
            assert NOT_SHOWN in words_and_picture(ours(server)[0])[0]
            until(lambda: all(one.ended_at for one in log_of(centre, target="chi-huy")))
            assert {one.attempts for one in log_of(centre, target="chi-huy")} == {1}
            assert mailed(centre, alert)
    finally:
        server.close()


def test_no_picture_of_changed_or_deleted_evidence_leaves(
    centre: Centre, mail: MailServer, tmp_path: Path
) -> None:
    with delivering(centre, to_people(mail, 1.0), command=ECHOES):
        changed = centre.file("cam-1/x.jpg", b"was this", EvidenceKind.SNAPSHOT_BOXED)
        (centre.evidence_root / "cam-1/x.jpg").write_bytes(b"is other")
        centre.raise_alert(evidence=(changed,), priority=1)
        centre.raise_alert(camera="cam-2", priority=1)
        until(lambda: len(ours(mail)) == 2, 30)
        assert all(words_and_picture(one)[1] is None for one in ours(mail))
        alert_with_picture(centre, priority=1, camera="cam-3")
        until(lambda: len(ours(mail)) == 3, 30)
        assert words_and_picture(ours(mail)[2])[1] is not None, "the next one has its picture"


def due(alert_id: str, target: str) -> DueDelivery:
    event = OutgoingEvent(
        type="vn.thapcanh.alert.opened.v1", subject=f"alert/{alert_id}", kind="fire", priority=1,
        version=1, at=time.time(), agency=None, area=None, data={},
    )  # fmt: skip
    return DueDelivery(id=target, target=target, attempts=0, created_at=time.time(), event=event)


def made(centre: Centre, command: Sequence[str]) -> MailPictures:
    store = FolderStore(centre.evidence_root)
    database = centre.archive.database
    return MailPictures(database, store, centre.site(), SystemClock(), command=command)


def test_two_targets_of_one_alert_both_have_its_picture(centre: Centre) -> None:
    """Whoever asked while the other's picture was made went without one, each time."""
    alert = alert_with_picture(centre, priority=1)

    async def both() -> list[bytes | None]:
        pictures = made(centre, ECHOES)
        first = asyncio.create_task(pictures(due(alert, "chi-huy"), PATIENCE_S))
        while not pictures._turn.locked():
            await asyncio.sleep(0)
        try:
            return [await pictures(due(alert, "truc-ban"), PATIENCE_S), await first]
        finally:
            await pictures.close()

    assert all(asyncio.run(both()))
    assert {one.details["target"] for one in mailed(centre, alert)} == {"chi-huy", "truc-ban"}


def test_a_mail_goes_on_when_what_makes_its_picture_is_closed(centre: Centre) -> None:
    """It was cancelled, and with it the target's task, which sends all that comes later."""
    alert = alert_with_picture(centre, priority=1)

    async def closed() -> bytes | None:
        pictures = made(centre, HANGS)
        asked = asyncio.create_task(pictures(due(alert, "chi-huy"), PATIENCE_S))
        while not pictures._under_way:
            await asyncio.sleep(0)
        await pictures.close()
        return await asked

    assert asyncio.run(closed()) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "ntfys://ntfy.example/topic"}, "for mails alone"),
        ({"timeout_s": 9.0, "picture_within_s": 5.0}, "half of timeout_s"),
        ({"picture_within_s": 11.0}, "less than or equal to 10"),
    ],
)
def test_only_mails_have_pictures_and_time_is_left_to_send_them(
    changes: dict[str, Any], said: str, mail: MailServer
) -> None:
    with pytest.raises(ValidationError, match=said):
        to_people(mail, changes.pop("picture_within_s", 5.0), **changes)
    made: Callable[..., AppriseTarget] = to_people
    assert made(mail, 5.0).picture_within_s == 5.0


def test_what_a_library_prints_of_its_model_is_no_answer() -> None:
    """A detector that says what it loads left every mail of the site without its picture."""
    loud = (
        "import os, thapcanh.app.delivery.picture_child as child\n"
        "child.hiding_detector = lambda *_: os.write(1, b'Loading the model') and None\n"
        "child.main()"
    )
    question = json.dumps({"detector": {}, "model_cache": ""}).encode() + b"\n"
    command = [sys.executable, "-P", "-c", loud]
    done = subprocess.run(
        command, input=question, capture_output=True, timeout=PATIENCE_S, check=True
    )
    assert json.loads(done.stdout) == {"ready": False, "bytes": 0}
