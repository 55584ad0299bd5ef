"""Facilities: their records, and the kinds that a word is published for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from thapcanh.alerts.map.country import distance_to_outline_m
from thapcanh.alerts.store.distance import Position, distance_m
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


MOST_CORNERS = 200
REACH_M = 1000.0
"""An outline's corners are not farther than this from the facility's position."""
MOST_CONTACTS, MOST_HAZARDS = 20, 30


def apart_m(place: Position, position: Position, outline: tuple[Position, ...]) -> float:
    """Return the metres from a place to an outline, else to a position."""
    if len(outline) >= 3:
        return distance_to_outline_m(place, outline)
    return distance_m(place, position)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityContact:
    """Contact: key holder, guard or owner; `hours` is free text."""

    name: str
    phone: str | None = None
    role: str | None = None
    hours: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityFacts:
    """Facts of a facility. `kind` is a word of the list, or the site's own."""

    name: str
    kind: str
    code: str | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    outline: tuple[Position, ...] = ()
    floors: int | None = None
    basements: int | None = None
    contacts: tuple[FacilityContact, ...] = ()
    hazards: tuple[str, ...] = ()
    access: str | None = None
    water: str | None = None
    agency: str | None = None
    area: str | None = None

    @property
    def position(self) -> Position | None:
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)

    def distance_m(self, place: Position) -> float | None:
        """Return the metres to its outline, else its position; None without one."""
        return None if self.position is None else apart_m(place, self.position, self.outline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """Stored facility."""

    id: str
    facts: FacilityFacts
    written_by: str
    written_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NearFacility:
    """Facility with its distance, if a place was requested."""

    facility: Facility
    distance_m: float | None = None
