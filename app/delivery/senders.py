"""Which sender speaks a target's protocol: one line a kind."""

from typing import assert_never

from alerts.delivery import cloud_events
from app.delivery.apprise_sender import AppriseSender
from app.delivery.mqtt_sender import MqttSender
from app.delivery.sender import Sender
from app.delivery.webhook_sender import cap_sender, cloud_events_sender
from config.targets import TargetConfig


def make_sender(target: TargetConfig, site_name: str) -> Sender:
    """The sender of a target."""
    source = cloud_events.source_of(site_name)
    match target.kind:
        case "webhook":
            return cloud_events_sender(target, source)
        case "mqtt":
            return MqttSender(target, source)
        case "cap":
            return cap_sender(target, site_name)
        case "apprise":
            return AppriseSender(target, site_name)
        case _ as unreachable:
            assert_never(unreachable)
