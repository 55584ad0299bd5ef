"""Vietnamese and English names of the classes that models detect: COCO's 80."""

from collections.abc import Iterable, Mapping

from thapcanh.config.wording import Wording

_VI = {
    "person": "người", "bicycle": "xe đạp", "car": "ô tô", "motorcycle": "xe máy",
    "airplane": "máy bay", "bus": "xe buýt", "train": "tàu hỏa", "truck": "xe tải",
    "boat": "thuyền", "traffic light": "đèn giao thông", "fire hydrant": "trụ nước chữa cháy",
    "stop sign": "biển dừng", "parking meter": "cột thu phí đỗ xe", "bench": "ghế băng",
    "bird": "chim", "cat": "mèo", "dog": "chó", "horse": "ngựa", "sheep": "cừu", "cow": "bò",
    "elephant": "voi", "bear": "gấu", "zebra": "ngựa vằn", "giraffe": "hươu cao cổ",
    "backpack": "ba lô", "umbrella": "cái ô", "handbag": "túi xách", "tie": "cà vạt",
    "suitcase": "va li", "frisbee": "đĩa ném", "skis": "ván trượt tuyết đôi",
    "snowboard": "ván trượt tuyết", "sports ball": "bóng", "kite": "con diều",
    "baseball bat": "gậy bóng chày", "baseball glove": "găng bóng chày",
    "skateboard": "ván trượt", "surfboard": "ván lướt sóng", "tennis racket": "vợt quần vợt",
    "bottle": "chai", "wine glass": "ly rượu", "cup": "cốc", "fork": "nĩa", "knife": "dao",
    "spoon": "thìa", "bowl": "bát", "banana": "chuối", "apple": "táo",
    "sandwich": "bánh mì kẹp", "orange": "cam", "broccoli": "súp lơ xanh", "carrot": "cà rốt",
    "hot dog": "bánh mì xúc xích", "pizza": "pizza", "donut": "bánh vòng", "cake": "bánh ngọt",
    "chair": "ghế", "couch": "ghế dài", "potted plant": "chậu cây", "bed": "giường",
    "dining table": "bàn ăn", "toilet": "bồn cầu", "tv": "tivi", "laptop": "máy tính xách tay",
    "mouse": "chuột máy tính", "remote": "điều khiển từ xa", "keyboard": "bàn phím",
    "cell phone": "điện thoại", "microwave": "lò vi sóng", "oven": "lò nướng",
    "toaster": "máy nướng bánh mì", "sink": "bồn rửa", "refrigerator": "tủ lạnh",
    "book": "sách", "clock": "đồng hồ", "vase": "bình hoa", "scissors": "kéo",
    "teddy bear": "gấu bông", "hair drier": "máy sấy tóc", "toothbrush": "bàn chải đánh răng",
}  # fmt: skip


def class_words(labels: Iterable[str]) -> Mapping[str, Wording]:
    """Return what each class is called; others than COCO's are called as they are."""
    return {label: Wording(vi=_VI.get(label, label), en=label) for label in labels}
