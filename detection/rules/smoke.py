"""Rule `smoke`: repeated smoke at one place that changes from within."""

from typing import Literal

from thapcanh.config.rules import BurningRule, Confirmation, DoubtLimit
from thapcanh.config.wording import Wording
from thapcanh.detection.rules.observed_place import ObservationEvaluator
from thapcanh.detection.rules.rule_kind import RuleKind


class SmokeRule(BurningRule):
    """Smoke anywhere in the zone, or in the whole picture when no zone is named."""

    kind: Literal["smoke"] = "smoke"
    confirm: Confirmation = Confirmation(looks=2, of=3)  # its boxes jump, and the witness judges
    doubt_limit_s: DoubtLimit = 60.0


RULE = RuleKind(
    settings=SmokeRule,
    evaluator=lambda rule, camera, checks: ObservationEvaluator(rule, camera, checks.confirmation),
    name=Wording(vi="Nghi cháy · khói", en="Suspected fire · smoke"),
    confirmed_name=Wording(vi="Cháy · khói", en="Fire · smoke"),
    exported_name=Wording(vi="Nghi cháy · khói", en="Smoke"),
    labels={"smoke": Wording(vi="khói", en="smoke")},
    incident="fire",
    group="fire",  # one fire shows as both
    is_default=True,
    order=20,
)
