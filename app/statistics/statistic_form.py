"""Form of the statistics: its figures, their order, titles and words."""

import difflib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from thapcanh.alerts.statistics.statistic_rows import (
    CountedCalls,
    CountedMonths,
    StatisticPart,
    StatisticRow,
    statistic_rows,
)
from thapcanh.app.reports.export_words import SITUATION_WORDS
from thapcanh.app.web_api.language import Language
from thapcanh.config.problem import explain

PARTS: Mapping[StatisticPart, tuple[str, str]] = {
    StatisticPart.INCIDENTS: ("Vụ việc", "Incidents"),
    StatisticPart.OUTCOME: (
        "Thiệt hại và lực lượng: các vụ cháy, nổ",
        "Losses and means: fires, explosions",
    ),
    StatisticPart.OTHER_OUTCOME: (
        "Thiệt hại và lực lượng: các vụ việc khác",
        "Losses and means: other incidents",
    ),
    StatisticPart.CAUSE: ("Nguyên nhân các vụ cháy, nổ", "Causes of fires"),
    StatisticPart.PREMISES: ("Nơi xảy ra các vụ cháy, nổ", "Premises of fires"),
    StatisticPart.RESPONSE: ("Thời gian xử lý (giây, trung vị)", "Response times (s, median)"),
    StatisticPart.CALLS: ("Cuộc gọi và tin nhắn", "Calls and messages"),
}
_NOT_STATED = ("Chưa ghi", "Not written down")
_NAMES: Mapping[str, tuple[str, str]] = {
    "incidents.total": ("Tổng số vụ việc", "Incidents in all"),
    "incidents.real": ("Có thật hoặc chưa kết luận", "True or without verdict"),
    "incidents.fires": ("Tổng số vụ cháy, nổ", "Fires and explosions in all"),
    "incidents.false_alarm": ("Báo nhầm", "False alarms"),
    "incidents.hoax": ("Báo giả", "Hoaxes"),
    "incidents.nothing_found": ("Không phát hiện vụ việc", "Nothing found"),
    "outcome.dead": ("Số người chết", "Dead"),
    "outcome.injured": ("Số người bị thương", "Injured"),
    "outcome.rescued": ("Số người được cứu", "Rescued"),
    "outcome.damage_vnd": ("Thiệt hại tài sản (đồng)", "Damage (VND)"),
    "outcome.area_m2": ("Diện tích cháy (m²)", "Area burned (m²)"),
    "outcome.vehicles": ("Lượt phương tiện", "Vehicles sent"),
    "outcome.water_m3": ("Nước đã dùng (m³)", "Water used (m³)"),
    "outcome.missing": ("Vụ đã kết thúc chưa ghi kết quả", "Closed without an outcome"),
    "cause.electrical": ("Sự cố điện", "Electrical"),
    "cause.open_fire": ("Sơ suất dùng lửa, nhiệt", "Carelessness with fire, heat"),
    "cause.hot_work": ("Hàn, cắt", "Welding, cutting"),
    "cause.technical": ("Sự cố kỹ thuật, công nghệ", "Technical fault"),
    "cause.gas": ("Khí đốt", "Gas"),
    "cause.vehicle": ("Tai nạn, sự cố phương tiện", "Vehicle"),
    "cause.arson": ("Đốt", "Arson"),
    "cause.nature": ("Thiên tai, sét", "Nature, lightning"),
    "cause.self_ignition": ("Tự cháy", "Self-ignition"),
    "cause.other": ("Nguyên nhân khác", "Other"),
    "cause.unknown": ("Chưa rõ nguyên nhân", "Unknown"),
    "cause.not_said": _NOT_STATED,
    "premises.house": ("Nhà ở", "House"),
    "premises.shop_house": ("Nhà ở kết hợp kinh doanh, sản xuất", "House with trade"),
    "premises.flats": ("Chung cư", "Block of flats"),
    "premises.rooms": ("Nhà trọ", "Rented rooms"),
    "premises.market": ("Chợ, trung tâm thương mại", "Market, mall"),
    "premises.warehouse": ("Kho", "Warehouse"),
    "premises.factory": ("Cơ sở sản xuất", "Factory"),
    "premises.office": ("Trụ sở, văn phòng", "Office"),
    "premises.school": ("Trường học", "School"),
    "premises.hospital": ("Cơ sở y tế", "Hospital"),
    "premises.hotel": ("Khách sạn, nhà nghỉ", "Hotel"),
    "premises.entertainment": ("Cơ sở vui chơi, karaoke", "Entertainment"),
    "premises.vehicle": ("Phương tiện giao thông", "Vehicle"),
    "premises.power_line": ("Cột, trạm, đường dây điện", "Power line, pole"),
    "premises.open_land": ("Rừng, bãi cỏ, bãi rác", "Forest, grass, waste"),
    "premises.street": ("Đường phố", "Street"),
    "premises.other": ("Nơi khác", "Other"),
    "premises.not_said": _NOT_STATED,
    "response.dispatched": ("Đến khi điều lực lượng", "To dispatch"),
    "response.en_route": ("Đến khi xuất phát", "To departure"),
    "response.on_scene": ("Đến khi có mặt", "To arrival"),
    "response.controlled": ("Đến khi khống chế", "To control"),
    "response.closed": ("Đến khi kết thúc", "To closing"),
    "calls.hoaxes": ("Cuộc gọi giả, quấy rối", "Hoax calls"),
    "calls.duplicates": ("Cuộc gọi trùng một vụ việc", "Calls of an incident told before"),
    "calls.hoax_messages": ("Tin nhắn giả", "Hoax messages"),
}


def row_words(row: StatisticRow, language: Language) -> str:
    """Return a figure's title."""
    key = f"{row.part.value}.{row.name}".replace("other_outcome.", "outcome.")
    pair = _NAMES.get(key) or SITUATION_WORDS[key]
    return pair[0] if language is Language.VI else pair[1]


def part_words(part: StatisticPart, language: Language) -> str:
    """Return a part's title."""
    return PARTS[part][0 if language is Language.VI else 1]


_MOST_BYTES = 262_144
_HEAD = """# Mẫu thống kê tháng, quý, năm: mục, dòng theo thứ tự, tiêu đề riêng của đơn vị.
# Mỗi dòng là một chỉ tiêu máy đếm (figure); không có chỗ nhập số. Bỏ dòng, đổi thứ tự, lặp lại,
# đổi tiêu đề tùy ý. Dùng: lưu tệp, khai báo [centre] statistics_form, rồi `thapcanh check`.
"""

Title = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class FormWrong(Exception):
    """The file is no form; `problems` has every reason."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def figure_key(row: StatisticRow) -> str:
    return f"{row.part.value}.{row.name}"


@cache
def _figures() -> Mapping[str, StatisticRow]:
    """Return every figure by key; they are the same in every period."""
    nothing = CountedMonths(incidents=(), calls=CountedCalls())
    return {figure_key(row): row for row in statistic_rows(nothing, ())}


def _registered(figure: str) -> str:
    if figure not in _figures():
        near = difflib.get_close_matches(figure, _figures(), n=1)
        meant = f", did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no such figure{meant}")
    return figure


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormRow(_Table):
    """A figure; without a title it is called as on the screen."""

    figure: Annotated[str, AfterValidator(_registered)]
    title: Title | None = None


class FormPart(_Table):
    """Rows below a title."""

    title: Title
    rows: tuple[FormRow, ...] = Field(min_length=1, max_length=200)


class StatisticForm(_Table):
    """All of a form; without parts it has every figure."""

    title: Title = "BÁO CÁO THỐNG KÊ"
    subject: Title = "Tình hình cháy, nổ, sự cố"
    code: Title = "BC"
    signer: Title = "CHỈ HUY TRỰC BAN"
    recipients: tuple[Title, ...] = Field(
        default=("Lãnh đạo Công an Thành phố (để báo cáo);", "Lưu: VT, ca trực."), max_length=20
    )
    parts: tuple[FormPart, ...] = Field(default=(), max_length=40)


FormedPart = tuple[str, list[tuple[str, StatisticRow]]]
"""The title of a part, and its rows with their titles."""


def read_form(path: Path | None) -> StatisticForm:
    """Return the site's form, or the built-in one. Raises `FormWrong`."""
    if path is None:
        return StatisticForm()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise FormWrong((f"over {_MOST_BYTES} bytes",))
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise FormWrong((str(error),)) from error
    try:
        return StatisticForm.model_validate(table)
    except ValidationError as error:
        problems = explain(error, table, StatisticForm)
        raise FormWrong(tuple(f"{place}: {what}" for place, what in problems)) from error


def formed(
    form: StatisticForm, rows: tuple[StatisticRow, ...], language: Language
) -> list[FormedPart]:
    """Return the figures arranged by the form."""
    by_key = {figure_key(row): row for row in rows}
    return [
        (
            part.title,
            [
                (item.title or row_words(by_key[item.figure], language), by_key[item.figure])
                for item in part.rows
            ],
        )
        for part in form.parts or _all_parts(language)
    ]


def form_text(form: StatisticForm) -> str:
    """Return the form as an editable file."""
    named = {name: getattr(form, name) for name in ("title", "subject", "code", "signer")}
    lines = [_HEAD, *(f"{name} = {_quoted(value)}" for name, value in named.items())]
    lines.append(f"recipients = [{', '.join(_quoted(item) for item in form.recipients)}]")
    for part in form.parts or _all_parts(Language.VI):
        lines += ["", "[[parts]]", f"title = {_quoted(part.title)}", "rows = ["]
        lines += [_line(row) for row in part.rows]
        lines.append("]")
    return "\n".join([*lines, ""])


def _all_parts(language: Language) -> list[FormPart]:
    return [
        FormPart(
            title=part_words(part, language),
            rows=tuple(
                FormRow(figure=key, title=row_words(row, language))
                for key, row in _figures().items()
                if row.part is part
            ),
        )
        for part in StatisticPart
    ]


def _line(row: FormRow) -> str:
    title = row.title or row_words(_figures()[row.figure], Language.VI)
    return f"  {{ figure = {_quoted(row.figure)}, title = {_quoted(title)} }},"


def _quoted(text: Any) -> str:
    return json.dumps(text, ensure_ascii=False)
