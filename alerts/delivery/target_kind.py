"""Declaration of a delivery target kind: settings, sender, words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from thapcanh.alerts.delivery.sender import Sender, SiteVoice
from thapcanh.config.targets import TargetConfig, secret_settings
from thapcanh.config.wording import Wording

MakeSender = Callable[[Any, SiteVoice], Sender]
"""The target (of the kind's own model), and what is told of the site."""

SHARED_SETTINGS: Mapping[str, Wording] = {
    "name": Wording(vi="Tên nơi nhận", en="Name"),
    "url": Wording(vi="Địa chỉ", en="Address"),
    "secret": Wording(vi="Mã bí mật", en="Secret"),
    "kinds": Wording(vi="Loại việc (để trống: mọi loại)", en="Kinds (empty: all)"),
    "priorities": Wording(vi="Mức ưu tiên", en="Priorities"),
    "agencies": Wording(vi="Đơn vị (để trống: mọi đơn vị)", en="Agencies (empty: all)"),
    "areas": Wording(vi="Khu vực (để trống: mọi khu vực)", en="Areas (empty: all)"),
    "quiet_hours": Wording(vi="Giờ yên: P2, P3 chờ; P1 không chờ", en="Quiet hours: P2, P3 wait"),
    "on_call_of": Wording(vi="Chỉ khi tài khoản này trực", en="Only while this account is on call"),
    "unanswered_after_s": Wording(
        vi="Chỉ báo P1 chưa ai nhận sau (giây)", en="Only P1 that nobody answered for (s)"
    ),
    "test_at": Wording(vi="Gửi tin thử hằng ngày lúc", en="Test message every day at"),
    "exercises": Wording(vi="Gửi cả diễn tập", en="Drills too"),
    "caller_links": Wording(
        vi="Chỉ để nhắn đường dẫn cho người gọi", en="Only to text callers their links"
    ),
    "timeout_s": Wording(vi="Chờ trả lời tối đa (giây)", en="Longest wait for an answer (s)"),
}
"""What a person calls the settings that all or several kinds have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetKind:
    """Kind of target. Raise ValueError unless its settings declare one kind by a Literal."""

    settings: type[TargetConfig]
    sender: MakeSender
    name: Wording
    address_hint: str = ""
    """What an address of it looks like."""
    setting_names: Mapping[str, Wording] = field(default_factory=dict)
    """What a person calls the settings that are this kind's own, beside `SHARED_SETTINGS`."""
    options: Mapping[str, Wording] = field(default_factory=dict)
    """What a person calls the choices of its settings."""
    order: int = 1000
    """Where lists and messages name it: by rising order, then by kind."""

    def __post_init__(self) -> None:
        """Check what would otherwise fail where all kinds are used."""
        stated = self.settings.model_fields["kind"]
        names = get_args(stated.annotation) if get_origin(stated.annotation) is Literal else ()
        if names != (stated.default,):
            model = self.settings.__name__
            raise ValueError(f'{model} states no kind, expected kind: Literal["x"] = "x"')
        self.schema()

    @property
    def kind(self) -> str:
        return str(self.settings.model_fields["kind"].default)

    def schema(self) -> dict[str, Any]:
        return self.settings.model_json_schema()

    def secrets(self) -> tuple[str, ...]:
        return secret_settings(self.settings)

    def setting_words(self) -> dict[str, Wording]:
        """Return the labels of its settings, in a form's order: name, address, its own, others."""
        existing = self.settings.model_fields
        shared = {name: words for name, words in SHARED_SETTINGS.items() if name in existing}
        first: dict[str, Wording] = {
            name: shared[name] for name in ("name", "url", "secret") if name in shared
        }
        return {**first, **self.setting_names, **shared}
