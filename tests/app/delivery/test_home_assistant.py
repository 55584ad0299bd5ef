"""Home Assistant finds cameras and areas on a real Mosquitto, and forgets them with the target."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiomqtt
import jsonschema
import pytest

from tests.app.delivery.served import act, served, until
from tests.app.delivery.test_mqtt import Broker, needs_mosquitto
from tests.app.web_api.centre import Centre
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.home_assistant import open_alert, retained_messages, sensors_of
from thapcanh.alerts.delivery.mqtt_connection import (
    BrokerClient,
    MqttTarget,
    broker_address,
    broker_client,
)
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Area, Site
from thapcanh.ingest.address_guard import AS_WRITTEN

_TEXT = {"type": "string", "minLength": 1}
_TOPIC = {"type": "string", "pattern": "^[^+#]+$"}
BINARY_SENSOR = {
    "type": "object",
    "additionalProperties": False,
    "required": ["state_topic", "device", "origin", "unique_id"],
    "properties": {
        "name": _TEXT,
        "unique_id": _TEXT,
        "device_class": {"enum": ["safety", "smoke", "motion", "problem", "gas", "heat", "sound"]},
        "state_topic": _TOPIC,
        "payload_on": _TEXT,
        "payload_off": _TEXT,
        "json_attributes_topic": _TOPIC,
        "availability_topic": _TOPIC,
        "payload_available": _TEXT,
        "payload_not_available": _TEXT,
        "qos": {"enum": [0, 1, 2]},
        "device": {
            "type": "object",
            "additionalProperties": False,
            "required": ["identifiers"],
            "properties": {
                "identifiers": {"type": "array", "items": _TEXT, "minItems": 1},
                "name": _TEXT,
                "manufacturer": _TEXT,
            },
        },
        "origin": {"type": "object", "required": ["name"], "properties": {"name": _TEXT}},
    },
}
"""The fields that we use, by Home Assistant's pages on MQTT binary sensors and discovery."""
CONFIGS = "homeassistant/binary_sensor/thapcanh"
OURS = "thapcanh/home_assistant"


def test_what_is_told_follows_the_documented_fields() -> None:
    tree = (Area(id="hn", name="Hà Nội"), Area(id="cua-nam", name="Cửa Nam", parent="hn"))
    cameras = tuple(
        CameraConfig(
            id=name, name=name, source=SecretUrl("rtsp://10.0.0.1/"), area=area, agency="pc07"
        )
        for name, area in (("cam.1", "cua-nam"), ("cam-2", "hn"))
    )
    site = Site(areas=tree, cameras=cameras)
    facts = {"id": "b", "url": SecretUrl("mqtt://127.0.0.1"), "home_assistant": True}
    target = MqttTarget(**facts)
    told = {"data": {"state": "new", "camera_id": "cam.1", "area": "cua-nam", "priority": 1}}
    alert = open_alert(json.dumps(told).encode())
    assert alert is not None
    found = retained_messages(target, site, sensors_of(site, target), [alert])
    configs = {topic: json.loads(body) for topic, body in found.items() if "/config" in topic}
    assert set(configs) == {
        f"{CONFIGS}/{one}/config"
        for one in ("area_hn", "area_cua-nam", "camera_cam_1", "camera_cam-2")
    }
    for config in configs.values():
        jsonschema.validate(config, BINARY_SENSOR)
        assert {config["state_topic"], config["json_attributes_topic"]} <= set(found)
        assert config["availability_topic"] in found
    assert len({config["unique_id"] for config in configs.values()}) == 4
    states = {topic: body for topic, body in found.items() if topic.endswith("/state")}
    assert states == {
        f"{OURS}/area/hn/state": b"ON",
        f"{OURS}/area/cua-nam/state": b"ON",
        f"{OURS}/camera/cam.1/state": b"ON",
        f"{OURS}/camera/cam-2/state": b"OFF",
    }
    ward = MqttTarget(**facts, areas=("cua-nam",))
    assert [one.id for one in sensors_of(site, ward)] == ["cua-nam", "cam.1"]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b'{"data": {"state": "closed"}}',
        b"{}",
        b"[" * 100_000,  # and what ended the telling by a fault
        b'{"data": {"state": ["new"]}}',
        b'{"data": {"state": "new", "priority": "1"}}',
        b'{"data": {"state": "new", "camera_id": ["cam-1"]}}',
    ],
)
def test_what_is_not_open_alarms_nobody(payload: bytes) -> None:
    assert open_alert(payload) is None


def retained(broker: Broker) -> dict[str, Any]:
    return asyncio.run(_retained(broker))


async def _retained(broker: Broker) -> dict[str, Any]:
    target, found = broker.target(timeout_s=60.0), {}
    async with broker_client(target, await broker_address(target, AS_WRITTEN)) as client:
        await client.subscribe([("homeassistant/#", 0), (f"{OURS}/#", 0), ("last", 0)])
        await client.publish("last", b"", qos=1)
        async with asyncio.timeout(PATIENCE_S):
            async for message in client.messages:
                if str(message.topic) == "last":
                    break
                found[str(message.topic)] = bytes(message.payload).decode()
    return found


@needs_mosquitto
def test_a_camera_alarms_until_its_alert_is_closed_and_goes_with_the_target(
    centre: Centre, tmp_path: Path
) -> None:
    broker = Broker(tmp_path)
    try:
        with served(centre, broker.target()):
            alert = centre.raise_alert()
            until(lambda: broker.retained("thapcanh/state/#"))
        assert retained(broker) == {}  # off unless asked for
        camera = centre.archive.alert(alert)
        assert camera is not None
        state = f"{OURS}/camera/{camera.camera_id}/state"
        config = f"{CONFIGS}/camera_{camera.camera_id}/config"
        target = broker.target(home_assistant=True)
        with served(centre, target):
            until(lambda: retained(broker).get(state) == "ON")  # open since before we came
            for action in ("acknowledge", "confirm", "close"):
                act(centre, alert, action)
            until(lambda: retained(broker).get(state) == "OFF")
            jsonschema.validate(json.loads(retained(broker)[config]), BINARY_SENSOR)
            broker.say(f"{OURS}/availability", b"offline", "-r")  # of a centre that led before
            until(lambda: retained(broker)[f"{OURS}/availability"] == "online")
        assert retained(broker)[f"{OURS}/availability"] == "offline"
        with served(centre, target):
            until(lambda: retained(broker).get(f"{OURS}/availability") == "online")
            centre.site.replace(centre.site().model_copy(update={"targets": ()}))
            until(lambda: retained(broker) == {})
    finally:
        broker.die()


@needs_mosquitto
def test_what_a_broker_did_not_take_is_told_by_the_next_connection(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was noted as told, and who follows cameras and areas was gone without a word."""
    broker, lost = Broker(tmp_path), list[str]()
    publish, config = BrokerClient.publish, f"{CONFIGS}/camera_new/config"

    async def first_is_lost(client: BrokerClient, topic: str, *given: Any, **more: Any) -> None:
        if topic == config and not lost:
            lost.append(topic)
            raise aiomqtt.MqttError("Operation timed out")
        await publish(client, topic, *given, **more)

    monkeypatch.setattr(BrokerClient, "publish", first_is_lost)
    try:
        with served(centre, broker.target(home_assistant=True)):
            until(lambda: retained(broker).get(f"{OURS}/availability") == "online")
            site, source = centre.site(), SecretUrl("rtsp://10.0.0.9/new")
            new = CameraConfig(id="new", name="Cổng mới", source=source)
            centre.site.replace(site.model_copy(update={"cameras": (*site.cameras, new)}))
            until(lambda: lost and config in retained(broker))
    finally:
        broker.die()


@needs_mosquitto
def test_sensors_of_a_broker_that_is_away_go_when_it_answers_again(
    centre: Centre, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker = Broker(tmp_path)
    try:
        with served(centre, broker.target(home_assistant=True)):
            until(lambda: answered(broker).get(f"{OURS}/availability") == "online")
            broker.die()
            centre.site.replace(centre.site().model_copy(update={"targets": ()}))
            until(lambda: "its sensors stay until it answers" in caplog.text)
            broker.begin()
            until(lambda: answered(broker, {"away": ""}) == {})
    finally:
        broker.die()


def answered(broker: Broker, else_: dict[str, Any] | None = None) -> dict[str, Any]:
    """What stands on a broker that may not be up yet."""
    try:
        return retained(broker)
    except aiomqtt.MqttError:
        return else_ or {}
