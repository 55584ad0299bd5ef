"""Rule `camera_event`: events of a camera's own analytics or contacts.

`app/camera_events` raises it without pictures, so a fire panel's contact is an alert also while no
picture comes.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from thapcanh.config.rules import PriorityNumber, Rule
from thapcanh.config.wording import Wording
from thapcanh.detection.confirmation.stages import ConfirmationResult
from thapcanh.detection.rules.evaluator import RuleInput, RuleMatch
from thapcanh.detection.rules.rule_kind import RuleKind
from thapcanh.ingest.onvif.event_topics import OnvifEvent, OnvifEventKind


class CameraEventRule(Rule):
    """Camera event of one of `events`, limited to `source` if set.

    With `when_inactive` the inactive state counts, as of a contact closed at rest.
    """

    kind: Literal["camera_event"] = "camera_event"
    events: Annotated[tuple[OnvifEventKind, ...], Field(min_length=1)]
    source: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    when_inactive: bool = False
    priority: PriorityNumber = 2
    clear_after_s: float = Field(default=20.0, ge=1, le=3600)

    def concerns(self, event: OnvifEvent) -> bool:
        return event.kind in self.events and self.source in (None, event.source)


class UnseenEvaluator:
    """Finds nothing in any picture."""

    verdicts: Sequence[ConfirmationResult] = ()

    def __init__(self, rule: CameraEventRule) -> None:
        self.rule = rule

    def forget(self) -> None:
        """Do nothing: there is no state."""

    def evaluate(self, context: RuleInput) -> list[RuleMatch]:
        del context
        return []


RULE = RuleKind(
    settings=CameraEventRule,
    evaluator=lambda rule, _camera, _checks: UnseenEvaluator(rule),
    name=Wording(vi="Camera báo tín hiệu", en="Signal from a camera"),
    labels={
        OnvifEventKind.MOTION.value: Wording(vi="chuyển động", en="motion"),
        OnvifEventKind.TAMPER.value: Wording(vi="bị che, xoay hoặc mất tín hiệu", en="tampering"),
        OnvifEventKind.DIGITAL_INPUT.value: Wording(vi="tiếp điểm đầu vào", en="digital input"),
        OnvifEventKind.LINE_CROSSED.value: Wording(vi="vượt vạch", en="line crossed"),
        OnvifEventKind.FIELD_ENTERED.value: Wording(vi="vào vùng", en="field entered"),
    },
    setting_names={
        "events": Wording(vi="Tín hiệu của camera", en="The camera’s signals"),
        "source": Wording(
            vi="Số tiếp điểm hoặc tên luật trên camera (để trống: bất kỳ)",
            en="Input or the camera’s own rule (empty: any)",
        ),
        "when_inactive": Wording(
            vi="báo khi tiếp điểm mở (tiếp điểm thường đóng)",
            en="when the contact opens (one that is closed at rest)",
        ),
    },
    looks_at_picture=False,
    order=90,
)
