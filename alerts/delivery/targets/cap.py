"""Target `cap`: another centre in CAP 1.2, with the token that it gave."""

from typing import ClassVar, Literal

from thapcanh.alerts.cap.from_events import cap_of_event
from thapcanh.alerts.cap.message import CONTENT_TYPE
from thapcanh.alerts.cap.writing import write_cap
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.sender import SiteVoice
from thapcanh.alerts.delivery.target_kind import TargetKind
from thapcanh.alerts.delivery.webhook_sender import WebhookSender
from thapcanh.config.targets import Secret, TargetConfig
from thapcanh.config.wording import Wording


class CapTarget(TargetConfig):
    """Centre that accepts CAP 1.2."""

    schemes: ClassVar[tuple[str, ...]] = ("https", "http")

    kind: Literal["cap"] = "cap"
    secret: Secret


def _sender(target: CapTarget, voice: SiteVoice) -> WebhookSender:
    site = (voice.source, voice.site_name)

    def body(due: DueDelivery) -> bytes:
        return write_cap(cap_of_event(due.event, site, due.earlier))

    return WebhookSender(target, target.secret, body, CONTENT_TYPE, voice.guard, is_token=True)


TARGET = TargetKind(
    settings=CapTarget,
    sender=_sender,
    name=Wording(vi="Trung tâm khác (CAP 1.2)", en="Another centre (CAP 1.2)"),
    address_hint="https://ward.example/api/v1/cap",
    setting_names={"secret": Wording(vi="Mã mà nơi nhận cấp", en="Token that the receiver gave")},
    order=30,
)
