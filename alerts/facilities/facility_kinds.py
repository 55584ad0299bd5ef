"""Kinds of facilities that a word is published for; a site may write down others. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from thapcanh.alerts.store.plain_text import plain
from thapcanh.config.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityKind:
    """Kind of facility: labels, and its other names in lists, without marks."""

    name: Wording
    words: tuple[str, ...] = ()


def _kind(vi: str, en: str, *words: str) -> FacilityKind:
    return FacilityKind(name=Wording(vi=vi, en=en), words=words)


KINDS: Mapping[str, FacilityKind] = {
    "market": _kind(
        "Chợ, trung tâm thương mại",
        "Market, shopping centre",
        "cho",
        "sieu thi",
        "trung tam thuong mai",
    ),
    "apartments": _kind("Chung cư", "Apartments", "chung cu", "nha tap the", "nha o nhieu tang"),
    "lodging_house": _kind("Nhà trọ, chung cư mini", "Lodging house", "nha tro", "chung cu mini"),
    "house_with_shop": _kind(
        "Nhà ở kết hợp kinh doanh",
        "House with a shop",
        "nha o ket hop kinh doanh",
        "nha o ket hop san xuat",
    ),
    "karaoke": _kind(
        "Karaoke, quán bar", "Karaoke, bar", "karaoke", "vu truong", "quan bar", "bar"
    ),
    "hotel": _kind("Khách sạn, nhà nghỉ", "Hotel", "khach san", "nha nghi"),
    "restaurant": _kind("Nhà hàng", "Restaurant", "nha hang", "quan an"),
    "school": _kind("Trường học", "School", "truong hoc", "truong", "nha tre", "mam non"),
    "hospital": _kind(
        "Bệnh viện, cơ sở y tế", "Hospital, clinic", "benh vien", "phong kham", "co so y te"
    ),
    "office": _kind("Trụ sở, văn phòng", "Office", "van phong", "tru so", "co quan"),
    "factory": _kind("Nhà máy, xưởng", "Factory, workshop", "nha may", "xuong", "co so san xuat"),
    "warehouse": _kind("Kho", "Warehouse", "kho", "nha kho"),
    "fuel_station": _kind("Cây xăng", "Filling station", "cay xang", "cua hang xang dau"),
    "gas_shop": _kind("Cửa hàng gas", "Gas shop", "cua hang gas", "gas"),
    "relic": _kind(
        "Di tích, nơi thờ tự",
        "Relic, place of worship",
        "di tich",
        "den",
        "chua",
        "dinh",
        "nha tho",
    ),
    "station": _kind("Bến xe, nhà ga", "Bus or railway station", "ben xe", "ga", "nha ga"),
    "car_park": _kind("Bãi xe, hầm xe", "Car park", "bai xe", "ham xe", "bai do xe"),
    "power": _kind("Trạm điện", "Power station", "tram bien ap", "tram dien"),
}
_NAMED = {
    plain(word): kind
    for kind, one in KINDS.items()
    for word in (kind, one.name.vi, one.name.en, *one.words)
}


def kind_named(text: str) -> str:
    return _NAMED.get(plain(text), text)
