"""Personal data in the words of a notice: by patterns, and by what the system holds."""

import unicodedata

import pytest

from thapcanh.alerts.public_notices.personal_data import ProtectedFacts, unpublishable

KNOWN = ProtectedFacts(
    places=frozenset({"12 Hàng Bài, phường Cửa Nam"}),
    numbers=frozenset({"0912 345 678"}),
    names=frozenset({"John Smith"}),
    positions=frozenset({(21.0242, 105.8452)}),
    wards=frozenset({"Trần Hưng Đạo"}),
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Liên hệ 0912 345 678 để biết thêm", "number"),
        ("Gọi 84.912.345.678", "number"),
        ("Gọi (024) 3826 0000", "number"),
        ("Thuê bao đuôi 345678", "number"),
        ("Số máy 091***678", "number"),
        ("không chín một hai ba bốn năm sáu bảy tám", "number"),
        ("Xe biển 29A-123.45 bị cháy", "number"),
        ("Cháy tại số 12 phố Hàng Bài", "address"),
        ("Cháy tại 12 Hàng Bài", "address"),
        ("Hàng Bài, số nhà 12", "address"),
        ("nha 12 hang bai", "address"),
        ("Người ở nhà 12 đã ra ngoài", "address"),
        ("Cháy trong ngõ 5", "address"),
        ("Cháy tại 23/5 Đê La Thành", "address"),
        (unicodedata.normalize("NFD", "Nạn nhân là bà Hoa, ngõ 5"), "address"),
        ("Hẹn ở ２３/５ phố bên", "address"),
        ("lien he nam@gmail.com", "email"),
        ("Thư: nam (at) gmail . com", "email"),
        ("Tọa độ 21.0242, 105.8452", "position"),
        ("21,02423; 105,84523", "position"),
        ("Quanh điểm 21.024 về phía bắc", "position"),
        ("21°01'27\"N", "position"),
        ("https://maps.app.goo.gl/abc", "position"),
        ("Nạn nhân là ông Nam", "name"),
        ("NẠN NHÂN LÀ BÀ NGUYỄN THỊ HOA", "name"),
        ("nan nhan la ong Nam", "name"),
        ("ba Hoa bi thuong", "name"),
        ("nguyen van nam bi thuong", "name"),
        ("Nguyen Van Nam, 45 tuoi", "name"),
        ("Nguyễn Hùng bị thương", "name"),
        ("Hồ Văn Nam bị thương", "name"),
        ("Tại phường Cửa Nam Nguyễn Văn Hoa bị thương", "name"),
        ("Đồng chí Hoa chỉ huy", "name"),
        ("đ/c Thượng uý Bình", "name"),
        ("chủ nhà Lê Hùng", "name"),
        ("john smith bị thương", "name"),
    ],
)
def test_what_must_not_be_public_is_named(text: str, why: str) -> None:
    assert unpublishable("Thông tin", text, KNOWN) == f"notice_has_{why}"


@pytest.mark.parametrize(
    "text",
    [
        "Một cụ ông được đưa đến bệnh viện, các anh ấy đã an toàn",
        "Ngày 29/11, thiệt hại khoảng 1.200.000.000 đồng",
        "Khoảng 14 giờ 30 ngày 24/11/2026, cháy tại phường Cửa Nam; 3 người bị thương",
        "Khoảng 14 giờ 30 ngày 24-11-2026 và ngày 24.11.2026",
        "Gọi 114 khi cần, hoặc số 113",
        "Cháy ngôi nhà 3 tầng; 12 người mắc kẹt ở phố Hàng Bài",
        "Cháy tại Trần Hưng Đạo",
        "Cấm đường Lê Duẩn - Nguyễn Thái Học, ngã tư Trần Phú, phố Lê Văn Lương; hồ Hoàn Kiếm",
        "Hà Nội, TP. Hồ Chí Minh, Thái Nguyên, Lâm Đồng",
        "Ba Công an phường, Chi cục, Chi Cục Thuế, các Trung tâm, Phòng PC07",
        "TRẺ EM BỊ THƯƠNG TẠI PHƯỜNG CỬA NAM. CẤM ĐƯỜNG LÊ DUẨN",
        "dang thi cong, do van hanh",
        "Nguyên nhân do chập điện; nguyên văn lời khai",
        "Diện tích 1.200 m2, 1.500 m2; 15.000, 105.000 người",
        "Công an thành phố Hà Nội điều 5 xe, 30 chiến sĩ đến quận Hoàn Kiếm",
    ],
)
def test_plain_words_of_a_notice_are_not_refused(text: str) -> None:
    assert unpublishable("Thông tin", text, KNOWN) is None
