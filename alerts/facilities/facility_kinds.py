"""Kinds of facilities that screens have a word for; a site may write down others. Pure."""

from collections.abc import Mapping

from alerts.store.plain_text import plain

KINDS: Mapping[str, tuple[str, ...]] = {  # and how lists name them, without marks
    "market": ("cho", "sieu thi", "trung tam thuong mai"),
    "apartments": ("chung cu", "nha tap the", "nha o nhieu tang"),
    "lodging_house": ("nha tro", "chung cu mini"),
    "house_with_shop": ("nha o ket hop kinh doanh", "nha o ket hop san xuat"),
    "karaoke": ("karaoke", "vu truong", "quan bar", "bar"),
    "hotel": ("khach san", "nha nghi"),
    "restaurant": ("nha hang", "quan an"),
    "school": ("truong hoc", "truong", "nha tre", "mam non"),
    "hospital": ("benh vien", "phong kham", "co so y te"),
    "office": ("van phong", "tru so", "co quan"),
    "factory": ("nha may", "xuong", "co so san xuat"),
    "warehouse": ("kho", "nha kho"),
    "fuel_station": ("cay xang", "cua hang xang dau"),
    "gas_shop": ("cua hang gas", "gas"),
    "relic": ("di tich", "den", "chua", "dinh", "nha tho"),
    "station": ("ben xe", "ga", "nha ga"),
    "car_park": ("bai xe", "ham xe", "bai do xe"),
    "power": ("tram bien ap", "tram dien"),
}
_NAMED = {plain(word): kind for kind, words in KINDS.items() for word in (kind, *words)}


def kind_named(text: str) -> str:
    """The kind of the list that a text names; else the text, as the site writes it."""
    return _NAMED.get(plain(text), text)
