"""Rule `stopped_vehicle`: a vehicle hardly moves in a zone for a time."""

from typing import Literal

from pydantic import Field

from thapcanh.config.rules import Classes
from thapcanh.config.wording import Wording
from thapcanh.detection.rules.dwell import DwellEvaluator, DwellRule
from thapcanh.detection.rules.rule_kind import RuleKind


class StoppedVehicleRule(DwellRule):
    """A vehicle hardly moves in the zone for `for_s`; unseen for `lost_s` is still there."""

    kind: Literal["stopped_vehicle"] = "stopped_vehicle"
    classes: Classes = ("car", "bus", "truck", "motorcycle")
    for_s: float = Field(default=60.0, gt=0, le=86_400)


RULE = RuleKind(
    settings=StoppedVehicleRule,
    evaluator=lambda rule, camera, _: DwellEvaluator(
        rule, camera, limit_s=rule.for_s, must_stand=True
    ),
    name=Wording(vi="Xe dừng bất thường", en="Vehicle stopped"),
    exported_name=Wording(vi="Xe dừng bất thường", en="Stopped vehicle"),
    setting_names={
        "for_s": Wording(vi="Dừng lâu (giây)", en="Stopped for (s)"),
    },
    incident="traffic",
    order=60,
)
