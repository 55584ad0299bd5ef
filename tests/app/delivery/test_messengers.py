"""Telegram, Zalo and the other messengers: the library's own classes, told by one address each."""

import json
from urllib.parse import urlsplit

import pytest

from tests.app.delivery.http_gateway import Gateway
from thapcanh.alerts.delivery import apprise_child
from thapcanh.alerts.delivery.apprise_url import host_of
from thapcanh.alerts.delivery.targets.apprise import AppriseTarget

MESSENGERS = {
    f"tgram://123456789%3A{'a' * 35}/-1001234567": "notify_url",
    "zalo://123456789%3Aabcdefghijkl/chat123": "notify_url",
    "viber://4453b6ac12345678-e02c5f12174805f9-daec9cbb5448c51f/0912345678": "notify_url",
    "line://abcDEF123token/U1234567890": "notify_url",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ": "webhook_url",
    "discord://417421629812345678/JHMHI8qBe7bk2ZwO5U711o3dV": "notify_url",
    "gchat://AAAAworkspace/keykeykey/tokentoken": "notify_url",
}


@pytest.mark.filterwarnings("ignore:'imghdr'")
@pytest.mark.parametrize("url", MESSENGERS, ids=lambda url: str(url).partition(":")[0])
def test_a_messenger_is_told_by_one_line_of_configuration(
    url: str, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own class, its public host put on this machine: one message, its words whole.

    As it stands, the child is let out to the service's host alone.
    """
    target = AppriseTarget.model_validate({"id": "t", "url": url})
    service = apprise_child._service(target.url.scheme)
    assert urlsplit(getattr(service, MESSENGERS[url])).hostname == host_of(url)
    monkeypatch.setattr(service, MESSENGERS[url], f"http://{gateway.at}/")
    gateway.said = {"viber": b'{"status": 0}', "slack": b"ok"}.get(target.url.scheme, b"")
    asked = {"url": target.url.reveal(), "key": "0190-a", "timeout_s": 5.0}
    plugin = apprise_child._plugin(asked)
    assert plugin.notify(body="P1 Cháy", title="", body_format=apprise_child._text_format())
    (told,) = gateway.asked
    assert "P1 Cháy" in json.dumps(told, ensure_ascii=False)
