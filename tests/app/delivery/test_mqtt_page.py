"""The order that docs/integration.md shows for MQTT, word for word, against a broker that runs."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.delivery.served import act, log_of, served, until
from tests.app.delivery.test_mqtt import Broker, needs_mosquitto
from tests.app.web_api.centre import Centre
from thapcanh.alerts.delivery.outbox.records import DeliveryState

pytestmark = needs_mosquitto
PAGE = (Path(__file__).parents[3] / "docs" / "integration.md").read_text(encoding="utf-8")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.die()


def test_the_order_of_the_page_hears_open_alerts_and_then_each_change(
    centre: Centre, broker: Broker
) -> None:
    (shown,) = re.findall(r"^mosquitto_sub .*$", PAGE, re.MULTILINE)
    here = {
        "BROKER": "127.0.0.1", "8883": str(broker.port), "--cafile ca.pem ": "",
        "READER": "centre", "PASSWORD": "right-password",
    }  # fmt: skip
    for word, ours in here.items():
        assert word in shown
        shown = shown.replace(word, ours)
    with served(centre, broker.target()):
        alert = centre.raise_alert()
        until(lambda: log_of(centre, state=DeliveryState.DELIVERED))
        with subprocess.Popen(shlex.split(shown), stdout=subprocess.PIPE, text=True) as listener:
            assert listener.stdout is not None
            heard = []
            for action in ("acknowledge", "confirm", "close"):
                heard.append(listener.stdout.readline())
                act(centre, alert, action)
            heard.append(listener.stdout.readline())
            listener.kill()
    topics, bodies = zip(*(one.rstrip("\n").split(" ", 1) for one in heard), strict=True)
    assert set(topics) == {f"thapcanh/state/alert/{alert}"}
    states = [json.loads(one)["data"]["state"] for one in bodies if one]
    assert states == ["new", "acknowledged", "confirmed"]
    assert bodies[-1] == ""
