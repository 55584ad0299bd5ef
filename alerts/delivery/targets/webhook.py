"""Target `webhook`: POST of a CloudEvent signed with the target's secret."""

from typing import ClassVar, Literal

from thapcanh.alerts.delivery import cloud_events
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.sender import SiteVoice
from thapcanh.alerts.delivery.target_kind import TargetKind
from thapcanh.alerts.delivery.webhook_sender import WebhookSender
from thapcanh.config.targets import Secret, TargetConfig
from thapcanh.config.wording import Wording


class WebhookTarget(TargetConfig):
    """Program that accepts CloudEvents."""

    schemes: ClassVar[tuple[str, ...]] = ("https", "http")

    kind: Literal["webhook"] = "webhook"
    secret: Secret
    caller_links: bool = False
    """An SMS gateway: `data` has `to` and `text`; it is told of nothing else."""

    @property
    def is_for_callers(self) -> bool:
        return self.caller_links


def _sender(target: WebhookTarget, voice: SiteVoice) -> WebhookSender:
    source = voice.source

    def body(due: DueDelivery) -> bytes:
        return cloud_events.body(due.event, due.id, source)

    return WebhookSender(target, target.secret, body, cloud_events.CONTENT_TYPE, voice.guard)


TARGET = TargetKind(
    settings=WebhookTarget,
    sender=_sender,
    name=Wording(vi="Webhook (CloudEvents)", en="Webhook (CloudEvents)"),
    address_hint="https://114.example/thapcanh",
    setting_names={
        "secret": Wording(vi="Mã bí mật để ký tin", en="Secret that signs what is sent")
    },
    order=10,
)
