"""Which sender speaks a target's protocol: one line a kind."""

from typing import assert_never

from app.centre.delivery.mqtt_sender import MqttSender
from app.centre.delivery.sender import Sender
from app.centre.delivery.webhook_sender import cloud_events_sender
from config.targets import TargetConfig


def make_sender(target: TargetConfig, source: str) -> Sender:
    """The sender of a target; `source` names the site in CloudEvents."""
    match target.kind:
        case "webhook":
            return cloud_events_sender(target, source)
        case "mqtt":
            return MqttSender(target, source)
        case _ as unreachable:
            assert_never(unreachable)
