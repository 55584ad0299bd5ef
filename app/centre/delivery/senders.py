"""Which sender speaks a target's protocol: one line a kind."""

from app.centre.delivery.sender import Sender
from app.centre.delivery.webhook_sender import cloud_events_sender
from config.targets import TargetConfig


def make_sender(target: TargetConfig, source: str) -> Sender:
    """The sender of a target; `source` names the site in CloudEvents."""
    return cloud_events_sender(target, source)
