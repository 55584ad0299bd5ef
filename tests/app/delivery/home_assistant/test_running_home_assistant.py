"""A running Home Assistant discovers a site's cameras over MQTT, and an alert is a state there."""

from pathlib import Path
from typing import Any

import pytest

from tests.app.delivery.home_assistant.running import HASS, running_home_assistant
from tests.app.delivery.served import act, served
from tests.app.delivery.test_mqtt import Broker, needs_mosquitto
from tests.app.web_api.centre import Centre
from tests.end_to_end.running_site import eventually

needs_hass = pytest.mark.skipif(HASS is None, reason="needs hass on the PATH (CONTRIBUTING)")


@needs_hass
@needs_mosquitto
def test_an_alert_is_a_state_of_a_discovered_sensor(centre: Centre, tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    camera = next(one for one in centre.site().cameras if one.id == "cam-1")
    try:
        with running_home_assistant(tmp_path / "hass", broker) as home:

            def state() -> str | None:
                return sensor().get("state")

            def sensor() -> dict[str, Any]:
                found = home.alarm_sensors().items()
                return next((one for name, one in found if name.endswith(camera.name)), {})

            print("Home Assistant", home.version())  # noqa: T201 which one it was
            with served(centre, broker.target(home_assistant=True)):
                eventually(lambda: state() == "off", 60.0, "a sensor of the camera")
                alert = centre.raise_alert("cam-1")
                eventually(lambda: state() == "on", 60.0, "an alarm")
                told = {"open_alerts": 1, "kind": "fire", "camera_id": "cam-1"}
                assert sensor()["attributes"].items() >= told.items()
                for action in ("acknowledge", "confirm", "close"):
                    act(centre, alert, action)
                eventually(lambda: state() == "off", 60.0, "the end of the alarm")
            eventually(lambda: state() == "unavailable", 60.0, "a centre that is away")
    finally:
        broker.die()
