"""The search of an address: without marks, by former names, with a house number in front."""

import pytest

from thapcanh.alerts.map.places import PlaceIndex, read_places

CSV = """kind,name,ward,area,lat,lon,aliases,note
ward,Phường Hoàn Kiếm,,hoan-kiem,21.0285,105.8542,quận Hoàn Kiếm;Hàng Trống,
street,Hàng Bài,Hoàn Kiếm,hoan-kiem,21.0237,105.8520,,trụ nước ở số 10
street,Hàng Bạc,Hoàn Kiếm,hoan-kiem,21.0338,105.8526,,
pole,114/21,Hàng Bài,hoan-kiem,21.0240,105.8522,HB 7,trạm biến áp Hàng Bài
pole,12/4,Hàng Bạc,hoan-kiem,21.0339,105.8527,,
pole,114/2,Hàng Bài,hoan-kiem,21.0242,105.8522,,
street,Điện Biên Phủ,Ba Đình,,,,,
street,Đê La Thành,Ô Chợ Dừa,,,,quận Đống Đa,
"""
INDEX = PlaceIndex(read_places(CSV.splitlines()).places)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hang bai", ["Hàng Bài"]),
        ("HÀNG b", ["Hàng Bạc", "Hàng Bài"]),
        ("12 hàng bạc", ["Hàng Bạc", "12/4"]),
        ("cột 12 hàng bạc", ["12/4", "Hàng Bạc"]),
        ("số 12A ngõ 3 de la thanh", ["Đê La Thành"]),
        ("dong da", ["Đê La Thành"]),
        ("hang trong", ["Phường Hoàn Kiếm"]),
        ("hoan kiem", ["Phường Hoàn Kiếm", "Hàng Bạc", "Hàng Bài"]),
        ("12", ["12/4"]),
        ("cột 99 hàng bạc", ["Hàng Bạc"]),
        ("cột 114/21", ["114/21"]),
        ("cot dien so 114/2", ["114/2", "114/21"]),
        ("hb 7", ["114/21"]),
        ("cột hàng bài", ["114/2", "114/21", "Hàng Bài"]),
        ("dien bien", ["Điện Biên Phủ"]),
        ("", []),
        ("không có", []),
    ],
)
def test_a_few_words_find_the_place(typed: str, expected: list[str]) -> None:
    assert [one.name for one in INDEX.search(typed)] == expected


def test_a_full_name_is_one_place_and_half_a_name_none() -> None:
    found = INDEX.exactly("12 hàng bài, Hoàn Kiếm")
    assert found is not None
    assert (found.lat, found.note) == (21.0237, "trụ nước ở số 10")
    assert INDEX.exactly("hàng") is None
    assert INDEX.exactly("21 Điện Biên Phủ") == INDEX.exactly("điện biên phủ") is not None


@pytest.mark.parametrize(
    "said", ["114/21", "cột 114/21", "Cột điện 114/21, Hàng Bài", "trụ điện số 114/21"]
)
def test_the_number_on_a_pole_is_its_place(said: str) -> None:
    found = INDEX.exactly(said)
    assert found is not None
    assert (found.kind, found.lat, found.note) == ("pole", 21.0240, "trạm biến áp Hàng Bài")


@pytest.mark.parametrize("said", ["cột", "cột điện", "cột 114", "cột hàng bài", "trụ 9", ""])
def test_a_number_that_no_pole_has_is_no_place(said: str) -> None:
    assert INDEX.exactly(said) is None


def test_a_line_that_is_wrong_is_named_and_the_others_count() -> None:
    lines = [
        "kind,name,lat,lon",
        "street,Hàng Bài,21.0,105.8",
        "road,Hàng Bạc,,",
        "street,,,",
        "street,Lò Đúc,21.0,",
        "street,Lò Sũ,north,105.8",
        "street,Lò Rèn,210,105.8",
        "street,Lò Chum,21.0,105.8,9",
    ]
    found = read_places(lines)
    assert [one.name for one in found.places] == ["Hàng Bài"]
    assert [one.partition(":")[0] for one in found.problems] == [f"line {n}" for n in range(3, 9)]
    assert "not one of ward, street, place, pole" in found.problems[0]
    assert read_places(["name,lat"]).problems == ("line 1: the column 'kind' is missing",)
