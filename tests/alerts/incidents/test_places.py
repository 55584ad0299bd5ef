"""The search of an address: without marks, by former names, with a house number in front."""

import pytest

from alerts.incidents.places import PlaceIndex, read_places

CSV = """kind,name,ward,area,lat,lon,aliases,note
ward,Phường Hoàn Kiếm,,hoan-kiem,21.0285,105.8542,quận Hoàn Kiếm;Hàng Trống,
street,Hàng Bài,Hoàn Kiếm,hoan-kiem,21.0237,105.8520,,trụ nước ở số 10
street,Hàng Bạc,Hoàn Kiếm,hoan-kiem,21.0338,105.8526,,
street,Đê La Thành,Ô Chợ Dừa,,,,quận Đống Đa,
"""
INDEX = PlaceIndex(read_places(CSV.splitlines()).places)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hang bai", ["Hàng Bài"]),
        ("HÀNG b", ["Hàng Bạc", "Hàng Bài"]),
        ("12 hàng bạc", ["Hàng Bạc"]),
        ("số 12A ngõ 3 de la thanh", ["Đê La Thành"]),
        ("dong da", ["Đê La Thành"]),
        ("hang trong", ["Phường Hoàn Kiếm"]),
        ("hoan kiem", ["Phường Hoàn Kiếm", "Hàng Bạc", "Hàng Bài"]),
        ("12", []),
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
    assert "not one of ward, street, place" in found.problems[0]
    assert read_places(["name,lat"]).problems == ("line 1: the column 'kind' is missing",)
