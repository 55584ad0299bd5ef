"""Home Assistant MQTT discovery: a binary sensor for each camera and area."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from thapcanh.alerts.delivery.mqtt_connection import MqttTarget, topic_root
from thapcanh.alerts.delivery.routing import target_scope
from thapcanh.alerts.registry.ownership import with_all_below
from thapcanh.config.site import Site

PREFIX = "homeassistant"
MOST_SENSORS = 2000
"""Of cameras; areas are always told."""
_QUIET = frozenset({"closed", "rejected"})
_STATED = ("number", "kind", "priority", "state", "camera_id", "camera_name", "place", "raised_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSensor:
    """A camera or an area: alarmed while an alert of its cameras or areas is open."""

    kind: str  # camera or area
    id: str
    name: str
    holds: frozenset[str]

    def is_of(self, alert: Mapping[str, Any]) -> bool:
        key = "camera_id" if self.kind == "camera" else "area"
        return alert.get(key) in self.holds


def sensors_of(site: Site, target: MqttTarget) -> list[AlarmSensor]:
    """Return every area and camera in the target's scope."""
    scope = target_scope(target, site.areas)
    areas = [
        AlarmSensor(
            kind="area",
            id=area.id,
            name=area.name,
            holds=with_all_below(frozenset({area.id}), site.areas),
        )
        for area in site.areas
        if scope.areas is None or area.id in scope.areas
    ]
    cameras = [
        AlarmSensor(kind="camera", id=one.id, name=one.name, holds=frozenset({one.id}))
        for one in site.cameras
        if (scope.areas is None or one.area in scope.areas)
        and (scope.agencies is None or one.agency in scope.agencies)
    ]
    return [*areas, *cameras[:MOST_SENSORS]]


def availability_topic(target: MqttTarget) -> str:
    """Return the topic that says `online` or `offline`."""
    return f"{topic_root(target)}/home_assistant/availability"


def config_filter(target: MqttTarget) -> str:
    """Return the topic filter of all our configurations."""
    return f"{PREFIX}/binary_sensor/{_node(target)}/+/config"


def open_alert(payload: bytes) -> Mapping[str, Any] | None:
    """Return the alert of a retained state, or None if it activates nothing."""
    try:
        data = json.loads(payload)["data"] if payload else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    is_open = isinstance(data, dict) and _is_as_reported(data) and data["state"] not in _QUIET
    return data if is_open else None


def _is_as_reported(data: Mapping[str, Any]) -> bool:
    """Return whether the used fields have their types: others may publish on the broker."""
    return (
        isinstance(data.get("state"), str)
        and isinstance(data.get("priority", 3), int)
        and all(isinstance(data.get(name), str | None) for name in ("camera_id", "area"))
    )


def retained_messages(
    target: MqttTarget,
    site: Site,
    sensors: Iterable[AlarmSensor],
    alerts: Iterable[Mapping[str, Any]],
) -> dict[str, bytes]:
    """Return the messages to retain on the broker, by topic."""
    opened = sorted(alerts, key=lambda one: (one.get("priority", 3), str(one.get("raised_at"))))
    found = {availability_topic(target): b"online"}
    for sensor in sensors:
        matching = [one for one in opened if sensor.is_of(one)]
        base = f"{topic_root(target)}/home_assistant/{sensor.kind}/{sensor.id}"
        most_urgent = {name: matching[0].get(name) for name in _STATED} if matching else {}
        config = _config(target, site, sensor, base)
        found[f"{PREFIX}/binary_sensor/{_node(target)}/{_object(sensor)}/config"] = _json(config)
        found[f"{base}/attributes"] = _json({"open_alerts": len(matching), **most_urgent})
        found[f"{base}/state"] = b"ON" if matching else b"OFF"
    return found


def _config(target: MqttTarget, site: Site, sensor: AlarmSensor, base: str) -> dict[str, Any]:
    node = _node(target)
    return {
        "name": sensor.name,
        "unique_id": f"{node}_{_object(sensor)}",
        "device_class": "safety",
        "state_topic": f"{base}/state",
        "payload_on": "ON",
        "payload_off": "OFF",
        "json_attributes_topic": f"{base}/attributes",
        "availability_topic": availability_topic(target),
        "payload_available": "online",
        "payload_not_available": "offline",
        "qos": 1,
        "device": {"identifiers": [node], "name": site.site.name, "manufacturer": "Tháp Canh"},
        "origin": {"name": "Tháp Canh"},
    }


def _node(target: MqttTarget) -> str:
    """Return the site's node id, from letters allowed in a discovery topic."""
    return _plain(topic_root(target))


def _object(sensor: AlarmSensor) -> str:
    return f"{sensor.kind}_{_plain(sensor.id)}"


def _plain(text: str) -> str:
    return "".join(one if one.isascii() and (one.isalnum() or one in "_-") else "_" for one in text)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
