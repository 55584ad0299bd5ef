"""Dossier of a site: statements with their source in configuration or archive."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thapcanh.alerts.dossier.dossier_counts import DossierCounts
from thapcanh.alerts.store.roles import Role
from thapcanh.app.reports.paper.content import Listing, Paper, moment, place_of
from thapcanh.app.web_api.access.permissions import (
    EXPORTS,
    HOLDS,
    ON_DUTY,
    READS_VIEWINGS,
    REDACTS,
    SEES_NUMBERS,
    UNBLURS,
)
from thapcanh.config.site import Site

WEIGHTS = Path(__file__).parents[2] / "detection" / "weights"
_NOT_ON_RECORD = "chưa ghi nhận"
_RIGHTS = (
    ("Trả lời cảnh báo, cuộc gọi, tin nhắn", ON_DUTY),
    ("Đọc đủ số máy người gọi", SEES_NUMBERS),
    ("Xóa dữ liệu người gọi", REDACTS),
    ("Tải tệp ra ngoài màn hình (mỗi lần ghi nhật ký)", EXPORTS),
    ("Tải hình không làm mờ, có nêu mục đích", UNBLURS),
    ("Giữ chứng cứ không cho xóa", HOLDS),
    ("Đọc sổ ai đã xem gì", READS_VIEWINGS),
)
_LOOK_UP = (
    ("Bảo vệ dữ liệu cá nhân", "căn cứ xử lý, thời hạn lưu, hồ sơ đánh giá tác động"),
    ("Trí tuệ nhân tạo", "phân loại rủi ro của hệ thống, hồ sơ kỹ thuật, giám sát của con người"),
    ("An ninh mạng", "cấp độ hệ thống thông tin, biện pháp bảo vệ"),
    ("Quy chuẩn kỹ thuật về camera", "dấu hợp quy của từng chủng loại camera"),
    ("Phòng cháy, chữa cháy", "chế độ báo cáo, thiết bị truyền tin báo cháy"),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that is so, and where it was read."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class DossierPart:
    """Statements on one subject."""

    title: str
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All parts at one time."""

    site_name: str
    made_at: float
    version: str
    parts: Sequence[DossierPart]


def dossier_of(site: Site, counts: DossierCounts, version: str, now: float) -> Dossier:
    """Return every part, from the configuration, model cards and archive."""
    return Dossier(
        site_name=site.site.name,
        made_at=now,
        version=version,
        parts=(
            _purpose(site, counts),
            _models(site),
            _data(site, counts),
            _people(counts),
            _decisions(counts),
            _log(counts),
            _troubles(counts),
            _cameras(site),
            _look_up(),
        ),
    )


def markdown(dossier: Dossier) -> str:
    lines = [
        f"# Hồ sơ hệ thống: {_plain(dossier.site_name)}",
        "",
        f"Lập lúc {moment(dossier.made_at)} bằng `thapcanh dossier`, phiên bản {dossier.version}. "
        "Mỗi câu có nguồn; câu không có nguồn không được đưa vào.",
    ]
    for number, part in enumerate(dossier.parts, 1):
        lines += ["", f"## {number}. {part.title}", "", "| Nội dung | Nguồn |", "|---|---|"]
        lines += [f"| {_plain(item.text)} | {_plain(item.source)} |" for item in part.statements]
    return "\n".join(lines) + "\n"


def dossier_paper(dossier: Dossier, site: Site) -> Paper:
    """Return the dossier as an official document."""
    return Paper(
        agency=dossier.site_name,
        place=place_of(site),
        made_at=dossier.made_at,
        code="HS",
        title="HỒ SƠ HỆ THỐNG",
        subject="Hệ thống giám sát camera có trí tuệ nhân tạo và dữ liệu cá nhân được xử lý",
        blocks=[
            Listing(
                title=f"{number}. {part.title.upper()}",
                heads=["Nội dung", "Nguồn"],
                widths=[2.2, 1.0],
                rows=[[item.text, item.source] for item in part.statements],
            )
            for number, part in enumerate(dossier.parts, 1)
        ],
        closing=f"Lập lúc {moment(dossier.made_at)} bằng thapcanh {dossier.version}, từ cấu hình "
        "và nhật ký có niêm phong.",
        recipients=("Lưu: VT.",),
        signer="NGƯỜI ĐỨNG ĐẦU ĐƠN VỊ",
    )


def _purpose(site: Site, counts: DossierCounts) -> DossierPart:
    kinds = sorted({rule.kind for rule in site.rules})
    statements = [
        Statement(f"Tên trung tâm: {site.site.name}", "cấu hình [site] name"),
        Statement(f"Số camera được canh: {len(site.cameras)}", "cấu hình [[cameras]]"),
        Statement(
            f"Loại sự việc được tìm: {', '.join(kinds) or _NOT_ON_RECORD}", "cấu hình [[rules]]"
        ),
        Statement(
            f"Từ {moment(counts.since)}: {counts.incidents} vụ việc, {counts.calls} cuộc gọi",
            "kho lưu trữ, bảng incident và call",
        ),
    ]
    return DossierPart("Mục đích và phạm vi", statements)


def _models(site: Site) -> DossierPart:
    statements = [
        Statement(
            f"Mô hình phát hiện: {site.detector.weights}, ảnh {site.detector.image_size_px} px, "
            f"mỗi camera một lượt trong {site.looks.interval_s:g} giây khi đủ máy",
            "cấu hình [detector], [looks]",
        )
    ]
    statements += _card(f"{site.detector.weights}.json")
    if site.detector.second_witness:
        statements.append(Statement("Mô hình kiểm tra lần hai được dùng", "cấu hình [detector]"))
        statements += _card("witness/witness.json")
    return DossierPart("Mô hình và sai số đo được", statements)


def _card(name: str) -> list[Statement]:
    source = f"thẻ mô hình detection/weights/{name}"
    try:
        card: dict[str, Any] = json.loads((WEIGHTS / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [Statement(f"Thẻ mô hình {name}: {_NOT_ON_RECORD}", source)]
    statements = [
        f"{key}: {card[key]}" for key in ("architecture", "licence", "trained") if key in card
    ]
    if "sha256" in card:
        statements.append(f"sha256: {card['sha256']}")
    for key in ("map50", "ranked_right_left_out"):
        if key in card:
            shown = ", ".join(f"{label} {value}" for label, value in card[key].items())
            statements.append(f"đo được ({key}): {shown}")
    failures = card.get("known_failures", {})
    statements += [f"sai đã biết ({kind}): {'; '.join(names)}" for kind, names in failures.items()]
    return [Statement(f"{card.get('name', name)}: {item}", source) for item in statements]


def _data(site: Site, counts: DossierCounts) -> DossierPart:
    retention = site.retention
    caller = "không tự xóa" if retention.caller_days is None else f"{retention.caller_days} ngày"
    recorded = sum(site.recording.has(camera) for camera in site.cameras)
    statements = [
        Statement(
            f"Chứng cứ của cảnh báo có thật: {retention.confirmed_days} ngày sau khi đóng",
            "cấu hình [retention] confirmed_days",
        ),
        Statement(
            f"Chứng cứ của cảnh báo bị bác: {retention.rejected_days} ngày",
            "cấu hình [retention] rejected_days",
        ),
        Statement(
            f"Số máy, lời nói, ảnh của người gọi và tin nhắn: {caller}",
            "cấu hình [retention] caller_days",
        ),
        Statement(
            f"Ảnh, phim của tổ xe: {retention.crew_days} ngày sau khi vụ việc kết thúc",
            "cấu hình [retention] crew_days",
        ),
        Statement(
            f"Dung lượng chứng cứ tối đa: {retention.budget_gb:g} GB",
            "cấu hình [retention] budget_gb",
        ),
        Statement(f"Camera được ghi hình liên tục: {recorded}", "cấu hình [recording]"),
        Statement(
            f"Lược đồ kho lưu trữ: {counts.revision or _NOT_ON_RECORD}",
            "kho lưu trữ, alembic_version",
        ),
    ]
    return DossierPart("Dữ liệu được giữ, trong bao lâu", statements)


def _people(counts: DossierCounts) -> DossierPart:
    statements = [
        Statement(f"{what}: {', '.join(sorted(roles))}", "bảng quyền của chương trình")
        for what, roles in _RIGHTS
    ]
    statements += [
        Statement(f"Tài khoản có vai trò {roles}: {count}", "kho lưu trữ, bảng user_account")
        for roles, count in sorted(counts.people.items())
    ]
    statements.append(
        Statement(f"Mã cho chương trình còn hiệu lực: {counts.tokens}", "kho lưu trữ, api_token")
    )
    statements.append(
        Statement(f"Các vai trò: {', '.join(role.value for role in Role)}", "docs/permissions.md")
    )
    return DossierPart("Ai được xem, được làm gì", statements)


def _decisions(counts: DossierCounts) -> DossierPart:
    decided = counts.confirmed + counts.rejected
    statements = [
        Statement(
            f"Từ {moment(counts.since)}: {counts.alerts} cảnh báo, {decided} có kết luận của người "
            f"({counts.confirmed} có thật, {counts.rejected} bị bác), bởi {counts.answered_by} "
            "người khác nhau",
            "kho lưu trữ, bảng alert",
        ),
        Statement(
            f"Cảnh báo chưa có kết luận của người: {counts.alerts - decided}",
            "kho lưu trữ, bảng alert",
        ),
        Statement(
            "Máy không tự điều lực lượng, không tự ghép và không tự đóng vụ việc",
            "docs/huong-dan-truc-ban.md",
        ),
    ]
    return DossierPart("Quyết định của con người", statements)


def _log(counts: DossierCounts) -> DossierPart:
    log_start = _NOT_ON_RECORD if counts.log_began_at is None else moment(counts.log_began_at)
    statements = [
        Statement(f"Nhật ký bắt đầu: {log_start}", "kho lưu trữ, bảng action_log"),
        Statement(f"Số dòng nhật ký: {counts.log_entries}", "kho lưu trữ, bảng action_log"),
        Statement(
            f"Đầu chuỗi băm: {counts.log_head or _NOT_ON_RECORD}; kiểm tra bằng `thapcanh verify`",
            "kho lưu trữ, bảng action_log",
        ),
    ]
    return DossierPart("Nhật ký hoạt động", statements)


def _troubles(counts: DossierCounts) -> DossierPart:
    statements = [
        Statement(f"{kind}: {count} lần từ {moment(counts.since)}", "kho lưu trữ, bảng alert")
        for kind, count in sorted(counts.troubles.items())
    ]
    none = Statement(f"Không có từ {moment(counts.since)}", "kho lưu trữ, bảng alert")
    return DossierPart("Sự cố của chính hệ thống", statements or [none])


_NO_MARK = f"{_NOT_ON_RECORD}, cần ghi theo nhãn của thiết bị"


def _cameras(site: Site) -> DossierPart:
    statements = [
        Statement(
            f"{item.id}, {item.name}: dấu hợp quy {item.conformity or _NO_MARK}",
            "cấu hình [[cameras]]",
        )
        for item in site.cameras
    ]
    return DossierPart(
        "Camera và dấu hợp quy", statements or [Statement("Chưa có camera", "cấu hình")]
    )


def _look_up() -> DossierPart:
    statements = [
        Statement(
            f"{matter}: {what}; chưa đối chiếu với văn bản nào",
            "người lập tra tại Cơ sở dữ liệu quốc gia về văn bản pháp luật",
        )
        for matter, what in _LOOK_UP
    ]
    return DossierPart("Văn bản phải tra cứu trước khi nộp", statements)


def _plain(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
