"""Rule `loitering`: a person stays in a zone for too long."""

from typing import Literal

from pydantic import Field

from thapcanh.config.wording import Wording
from thapcanh.detection.rules.dwell import DwellEvaluator, DwellRule
from thapcanh.detection.rules.rule_kind import RuleKind


class LoiteringRule(DwellRule):
    """Person in the zone for longer than `max_s`; unseen for `lost_s` counts as present."""

    kind: Literal["loitering"] = "loitering"
    max_s: float = Field(default=120.0, gt=0, le=86_400)


RULE = RuleKind(
    settings=LoiteringRule,
    evaluator=lambda rule, camera, _: DwellEvaluator(rule, camera, limit_s=rule.max_s),
    name=Wording(vi="Lảng vảng bất thường", en="Unusual loitering"),
    exported_name=Wording(vi="Lảng vảng bất thường", en="Loitering"),
    setting_names={
        "max_s": Wording(vi="Nán lại lâu hơn (giây)", en="Stays longer than (s)"),
    },
    incident="public_order",
    order=50,
)
