"""The head's numbers become boxes; of boxes over each other only the surest of a class stays."""

import numpy as np

from thapcanh.detection.detectors.head_decoding import MAX_BOXES, Floats, decode


def _head(*anchors: tuple[float, ...]) -> Floats:
    return np.array(anchors, dtype=np.float32).T.copy()


def test_best_class_floor_and_order() -> None:
    boxes, confidence, class_id = decode(
        _head(
            (50, 40, 20, 10, 0.3, 0.2),
            (150, 40, 20, 10, 0.05, 0.09),
            (250, 40, 20, 10, 0.1, 0.8),
        )
    )
    np.testing.assert_allclose(boxes, [[240, 35, 260, 45], [40, 35, 60, 45]])
    np.testing.assert_allclose(confidence, [0.8, 0.3])
    assert class_id.tolist() == [1, 0]


def test_suppression_is_per_class() -> None:
    twice = ((50, 50, 20, 20, 0.9, 0.0), (51, 50, 20, 20, 0.8, 0.0), (50, 51, 20, 20, 0.0, 0.7))
    boxes, confidence, class_id = decode(_head(*twice))
    assert confidence.tolist() == np.array([0.9, 0.7], dtype=np.float32).tolist()
    assert class_id.tolist() == [0, 1]
    assert len(boxes) == 2


def test_nothing_above_the_floor() -> None:
    boxes, confidence, class_id = decode(_head((50, 50, 20, 20, 0.01, 0.02)))
    assert boxes.shape == (0, 4)
    assert confidence.shape == class_id.shape == (0,)


def test_a_flood_of_boxes_is_bounded() -> None:
    anchors = [(float(40 * (i % 50)), float(40 * (i // 50)), 20.0, 20.0, 0.5) for i in range(2000)]
    boxes, _, _ = decode(_head(*anchors))
    assert len(boxes) == MAX_BOXES
