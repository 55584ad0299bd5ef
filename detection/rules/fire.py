"""Rule `fire`: repeated flame at one place that changes from within."""

from typing import Literal

from thapcanh.config.rules import BurningRule
from thapcanh.config.wording import Wording
from thapcanh.detection.rules.observed_place import ObservationEvaluator
from thapcanh.detection.rules.rule_kind import RuleKind


class FireRule(BurningRule):
    """Flame anywhere in the zone, or in the whole picture when no zone is named."""

    kind: Literal["fire"] = "fire"


RULE = RuleKind(
    settings=FireRule,
    evaluator=lambda rule, camera, checks: ObservationEvaluator(rule, camera, checks.confirmation),
    name=Wording(vi="Nghi cháy · lửa", en="Suspected fire · flame"),
    confirmed_name=Wording(vi="Cháy · lửa", en="Fire · flame"),
    exported_name=Wording(vi="Nghi cháy · lửa", en="Fire"),
    labels={"fire": Wording(vi="lửa", en="flame")},
    incident="fire",
    group="fire",  # one fire shows as both
    outranks=frozenset({"smoke"}),
    is_default=True,
    order=10,
)
