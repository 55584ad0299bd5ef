"""Declaration of a rule kind: settings, evaluator, group and words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from thapcanh.config.camera import CameraConfig
from thapcanh.config.dispatch.run_cards import IncidentKindName
from thapcanh.config.rules import SHAPE_TYPES, Rule, ShapeType, kind_of
from thapcanh.config.wording import Wording
from thapcanh.detection.rules.evaluator import Checks, RuleEvaluator

MakeEvaluator = Callable[[Any, CameraConfig, Checks], RuleEvaluator]
"""The rule (of the kind's own model), its camera, what is asked of places."""


SHARED_SETTINGS: Mapping[str, Wording] = {
    "priority": Wording(vi="Mức ưu tiên", en="Priority"),
    "hours": Wording(vi="Giờ áp dụng (để trống: cả ngày)", en="Hours (empty: all day)"),
    "clear_after_s": Wording(
        vi="Hết báo sau khi không thấy nữa (giây)", en="Over when unseen for (s)"
    ),
    "min_confidence": Wording(vi="Độ tin tối thiểu (0–1)", en="Least confidence (0–1)"),
    "classes": Wording(vi="Đối tượng", en="Who or what"),
    "confirm.looks": Wording(vi="Thấy trong ít nhất (lượt xem)", en="Seen in at least (looks)"),
    "confirm.of": Wording(vi="trong số (lượt xem gần nhất)", en="of the last (looks)"),
    "confirm.window_s": Wording(vi="trong khoảng (giây)", en="within (s)"),
    "min_area": Wording(vi="Phần hình tối thiểu (0–1)", en="Least share of the picture (0–1)"),
    "doubt_limit_s": Wording(
        vi="Còn ngờ: nâng lên ưu tiên 2 sau (giây)", en="Doubted: raised to priority 2 after (s)"
    ),
    "lost_s": Wording(vi="Khuất bao lâu vẫn coi là còn đó (giây)", en="Unseen but still there (s)"),
}
"""What a person calls the settings that several kinds share; those inside another with a dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleKind:
    """Kind of rule: settings, evaluator, group, and words.

    Raise ValueError unless the settings declare one `kind: Literal["x"] = "x"` and the incident is
    valid, and what pydantic raises if they have no JSON Schema.
    """

    settings: type[Rule]
    evaluator: MakeEvaluator
    name: Wording
    """Of an alert of this kind."""
    confirmed_name: Wording | None = None
    """Once an officer has confirmed it, where that reads differently."""
    exported_name: Wording | None = None
    """In exported tables, where that reads differently."""
    labels: Mapping[str, Wording] = field(default_factory=dict)
    """What the rule calls what it saw, beside the classes of people and vehicles."""
    setting_names: Mapping[str, Wording] = field(default_factory=dict)
    """What a person calls the settings that are this kind's own, beside `SHARED_SETTINGS`."""
    incident: IncidentKindName = "other"
    """What an alert of it is in the world, as the command centre files it."""
    looks_at_picture: bool = True
    """True if it can be tried on film; no: it is told of by something else."""
    group: str | None = None
    """Kinds of one group are one condition, and it stays at its place in the picture: flame and
    smoke. None: the rule speaks for itself, and its whole zone is the place."""
    outranks: frozenset[str] = frozenset()
    """Milder kinds of its group: their episodes become this kind for good, once it is believed."""
    is_default: bool = False
    """A site without any rule has one of this kind."""
    order: int = 1000
    """Where lists and messages name it: by rising order, then by kind."""

    def __post_init__(self) -> None:
        """Check what would otherwise fail where all kinds are used."""
        stated = self.settings.model_fields["kind"]
        names = get_args(stated.annotation) if get_origin(stated.annotation) is Literal else ()
        if names != (stated.default,):
            model = self.settings.__name__
            raise ValueError(f'{model} states no kind, expected kind: Literal["x"] = "x"')
        if self.incident not in get_args(IncidentKindName):
            raise ValueError(f"{self.incident!r} is no kind of incident")
        self.schema()

    @property
    def kind(self) -> str:
        """Its name in the configuration, in events and in the archive."""
        return kind_of(self.settings)

    def schema(self) -> dict[str, Any]:
        return self.settings.model_json_schema()

    def needs(self) -> tuple[ShapeType, ...]:
        """Return the shapes that its rules must name."""
        existing = self.settings.model_fields
        return tuple(
            each for each in SHAPE_TYPES if each in existing and existing[each].is_required()
        )

    def setting_words(self) -> dict[str, Wording]:
        """Return the labels of its settings, in a form's order: its own, then the shared ones."""
        existing = self.settings.model_fields
        shared = {
            path: words for path, words in SHARED_SETTINGS.items() if path.split(".")[0] in existing
        }
        return {**self.setting_names, **shared}
