"""Rule `intrusion`: a person or vehicle in a zone in its hours, in N of M inferences."""

from typing import Literal

from thapcanh.config.frozen import Id
from thapcanh.config.rules import PlaceRule, PriorityNumber, Share, TrackedRule
from thapcanh.config.wording import Wording
from thapcanh.detection.rules.observed_place import ObservationEvaluator
from thapcanh.detection.rules.rule_kind import RuleKind


class IntrusionRule(PlaceRule, TrackedRule):
    """Person or vehicle whose feet or wheels are in the zone in its hours."""

    kind: Literal["intrusion"] = "intrusion"
    zone: Id
    priority: PriorityNumber = 2
    min_confidence: Share = 0.4


RULE = RuleKind(
    settings=IntrusionRule,
    evaluator=lambda rule, camera, checks: ObservationEvaluator(rule, camera, checks.confirmation),
    name=Wording(vi="Xâm nhập khu vực", en="Intrusion in zone"),
    exported_name=Wording(vi="Xâm nhập khu vực", en="Intrusion"),
    incident="public_order",
    order=30,
)
