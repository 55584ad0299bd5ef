"""Kinds of alert with their names: rules, advisories, and system problems."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from thapcanh.alerts.incidents.kinds import GROUPS, ClassGroup, kind_of_alert
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.weather.weather_advisory import HAZE
from thapcanh.config.wording import Wording
from thapcanh.detection.rules.registry import registry

_HAZE = Wording(vi="Sương mù / khói diện rộng", en="Fog or smoke over a wide area")
_SYSTEM: Mapping[SystemKind, Wording] = {
    SystemKind.CAMERA_OFFLINE: Wording(vi="Mất hình camera", en="Camera without picture"),
    SystemKind.CAMERA_FROZEN: Wording(vi="Hình camera đứng", en="Camera picture frozen"),
    SystemKind.CAMERA_TAMPERED: Wording(vi="Camera bị che hoặc xoay", en="Camera covered or moved"),
    SystemKind.PICTURE_DAMAGED: Wording(vi="Hình camera bị vỡ", en="Camera picture torn"),
    SystemKind.WORKER_LOST: Wording(vi="Mất máy phân tích", en="Worker lost"),
    SystemKind.CENTRE_LOST: Wording(vi="Mất trung tâm dự phòng", en="Standby centre lost"),
    SystemKind.DETECTOR_STALLED: Wording(vi="Bộ nhận dạng dừng", en="Detector stalled"),
    SystemKind.QUEUE_LAG: Wording(vi="Hàng đợi chậm", en="Queue lagging"),
    SystemKind.EVENT_GAP: Wording(vi="Thiếu sự kiện", en="Events missing"),
    SystemKind.SELF_TEST_MISSED: Wording(
        vi="Hệ thống tự kiểm tra: không đạt", en="Self-test missed"
    ),
    SystemKind.EVIDENCE_LAG: Wording(vi="Ảnh, phim chưa lưu được", en="Evidence not stored"),
    SystemKind.RECORDING_GAP: Wording(vi="Không ghi hình được", en="Not being recorded"),
    SystemKind.DISK_LOW: Wording(vi="Đĩa sắp đầy", en="Disk nearly full"),
    SystemKind.CONFIG_PROBLEM: Wording(vi="Cấu hình có lỗi", en="Configuration problem"),
    SystemKind.DEVICE_FAULT: Wording(vi="Thiết bị báo động có sự cố", en="Device trouble"),
    SystemKind.DELIVERY_FAILED: Wording(vi="Không gửi được ra ngoài", en="Not told outside"),
    SystemKind.TELEPHONE_FAULT: Wording(vi="Mất kết nối tổng đài", en="Exchange not heard"),
    SystemKind.ACCOUNT_GUESSED: Wording(vi="Tài khoản bị dò mật khẩu", en="Account guessed at"),
    SystemKind.MAKER_ABSENT: Wording(
        vi="Tài khoản lâu không đăng nhập", en="Account without a login for long"
    ),
    SystemKind.BACKUP_LATE: Wording(vi="Chưa có bản sao lưu mới", en="No fresh backup"),
    SystemKind.CERTIFICATE_ENDING: Wording(
        vi="Chứng chỉ trang web sắp hết hạn", en="Site certificate near its end"
    ),
    SystemKind.CLOCK_SKEW: Wording(vi="Đồng hồ máy sai giờ", en="Clock is wrong"),
    SystemKind.LINK_LOST: Wording(vi="Mất liên lạc với trung tâm khác", en="Linked site lost"),
    SystemKind.LINK_LIMITED: Wording(vi="Đường liên kết đã tới giới hạn", en="Link at its limit"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertKind:
    """A kind of alert: what it is called, and by whom it is answered."""

    kind: str
    name: Wording
    confirmed_name: Wording | None = None
    """Once an officer has confirmed it, where that reads differently."""
    exported_name: Wording | None = None
    """In exported tables, where that reads differently."""
    labels: Mapping[str, Wording] = field(default_factory=dict)
    """What it calls what was seen."""
    is_system: bool = False
    """The watch's own trouble, as against the city's."""
    is_fire: bool = False
    """The fire service answers it."""


def alert_kinds() -> Mapping[str, AlertKind]:
    """Return every kind of alert by name: rules, then advisories, then problems."""
    ruled = (
        AlertKind(
            kind=item.kind,
            name=item.name,
            confirmed_name=item.confirmed_name,
            exported_name=item.exported_name,
            labels=item.labels,
            is_fire=GROUPS[kind_of_alert(item.kind)] is ClassGroup.BURNING,
        )
        for item in registry().kinds.values()
    )
    haze = AlertKind(kind=HAZE, name=_HAZE, is_fire=True)
    troubles = (
        AlertKind(kind=item.value, name=_SYSTEM[item], is_system=True) for item in SystemKind
    )
    return {item.kind: item for item in (*ruled, haze, *troubles)}
