"""What a program does wrong, what it is told, and in which forms a picture may come."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import thapcanh
from tests.app.centre.web.test_server import own_certificate
from tests.app.web_api.centre import Centre, serving
from thapcanh.app.centre.web.server import Listen
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.recorded_file import read_file


@pytest.fixture(scope="module")
def fire(made_clips: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture of a fire, blue first."""
    frames = [each for each in read_file(made_clips / "fire.mp4", "a") if isinstance(each, Frame)]
    return frames[-1].bgr()


@pytest.fixture(scope="module")
def detector(made_clips: Path) -> Iterator[thapcanh.Detector]:
    with thapcanh.Detector() as one:
        yield one


def _closed() -> None:
    detector = thapcanh.Detector()
    detector.close()
    detector.close()
    detector.detect(np.zeros((64, 64, 3), np.uint8))


def _array(*shape: int, dtype: Any = np.uint8) -> Any:
    return np.zeros(shape, dtype)


CONSTRUCTED: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "no file": (lambda: thapcanh.Detector(config="none.toml"), thapcanh.ConfigError, "none.toml"),
    "weights": (lambda: thapcanh.Detector("yolov8n.pt"), thapcanh.DetectorError, r"\[detector\]"),
    "a number": (lambda: thapcanh.Detector(3), thapcanh.DetectorError, "path"),  # type: ignore[arg-type]
    "threshold": (
        lambda: thapcanh.Detector(min_confidence=25), thapcanh.DetectorError, r"0\.\.1",
    ),
    "class": (lambda: thapcanh.Detector(classes=["dog"]), thapcanh.DetectorError, "dog.*fire"),
    "closed": (_closed, thapcanh.DetectorError, "closed"),
    "no source": (lambda: thapcanh.watch(""), thapcanh.IngestError, "no source"),
    "None": (lambda: thapcanh.watch(None), thapcanh.IngestError, "None"),  # type: ignore[arg-type]
    "config": (
        lambda: next(thapcanh.watch("a.mp4", config="none.toml")),
        thapcanh.ConfigError,
        "none.toml",
    ),
    "queue": (
        lambda: next(thapcanh.read_alerts("localhost:6379")), thapcanh.QueueError, "redis",
    ),
    "queue port": (
        lambda: next(thapcanh.read_alerts("redis://:hush@localhost:x/0")),
        thapcanh.QueueError,
        "not a redis://",
    ),
}  # fmt: skip
PICTURES: dict[str, tuple[Any, str]] = {
    "None": (None, "cv2.imread"),
    "a number": (7, "int is no picture"),
    "no such file": ("none.jpg", "none.jpg: No such file"),
    "floats": (_array(64, 64, 3, dtype=np.float32), "uint8"),
    "grey": (_array(64, 64), "COLOR_GRAY2BGR"),
    "with alpha": (_array(64, 64, 4), "alpha"),
    "nothing": (_array(0, 0, 3), "0×0"),
    "one in a list": ([None], "cv2.imread"),
}


@pytest.mark.parametrize("name", CONSTRUCTED)
def test_a_misuse_is_told_with_the_way_out(name: str, own_cache: None) -> None:
    call, error, words = CONSTRUCTED[name]
    with pytest.raises(error, match=words) as told:
        call()
    assert "hush" not in str(told.value)


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_no_picture_is_told(name: str, detector: thapcanh.Detector) -> None:
    picture, words = PICTURES[name]
    with pytest.raises(thapcanh.DetectorError, match=words):
        detector.detect(picture)


def test_a_file_that_is_no_picture_and_channels_that_are_none(
    tmp_path: Path, detector: thapcanh.Detector
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"film")
    with pytest.raises(thapcanh.DetectorError, match="watch"):
        detector.detect(tmp_path / "a.jpg")
    with pytest.raises(thapcanh.DetectorError, match="'bgr' or 'rgb'"):
        detector.detect(_array(64, 64, 3), channels="grb")  # type: ignore[call-overload]


def test_a_picture_may_come_in_every_usual_form(
    tmp_path: Path, detector: thapcanh.Detector, fire: np.ndarray[Any, np.dtype[np.uint8]]
) -> None:
    path = tmp_path / "cháy.png"
    path.write_bytes(cv2.imencode(".png", fire)[1].tobytes())
    first = detector.detect(fire)
    assert first[0].label == "fire"
    same = [
        detector.detect(path),
        detector.detect(str(path)),
        detector.detect(Image.open(path)),
        detector.detect(np.ascontiguousarray(fire[:, :, ::-1]), channels="rgb"),
        *detector.detect([fire, fire]),
    ]
    assert [list(each) for each in same] == [list(first)] * len(same)
    height, width = fire.shape[:2]
    assert (first.width, first.height) == (width, height)
    shares = [value * size for value, size in zip(first[0].xyxyn, [width, height] * 2, strict=True)]
    assert shares == pytest.approx(first[0].xyxy)
    assert repr(first[0]).startswith("thapcanh.Detection(label='fire'")


def test_detections_are_filtered_and_given_to_supervision(
    detector: thapcanh.Detector, fire: np.ndarray[Any, np.dtype[np.uint8]], own_cache: None
) -> None:
    found = detector.detect(fire)
    told = found.to_supervision()
    assert list(told.data["class_name"]) == [each.label for each in found]
    assert [detector.labels[number] for number in told.class_id] == [each.label for each in found]
    with thapcanh.Detector(min_confidence=1.0) as sure, thapcanh.Detector(classes="car") as cars:
        assert list(sure.detect(fire)) == list(cars.detect(fire)) == []


@pytest.mark.parametrize("address", ["canh.example", "localhost:8080", "ftp://canh.example", ""])
def test_an_address_without_its_scheme_is_told_at_once(address: str) -> None:
    with pytest.raises(thapcanh.CentreRefused, match="https://"):
        thapcanh.follow(address, "token")


def test_a_port_where_nothing_listens_is_told_and_given_up_in_time() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    reasons: list[str] = []
    alerts = thapcanh.follow(
        f"http://127.0.0.1:{port}", "token", timeout=1.2, on_retry=reasons.append
    )
    with pytest.raises(TimeoutError, match=r"no answer for 1\.2 s.*refused"):
        next(alerts)
    assert reasons
    assert all("refused" in reason for reason in reasons)


def test_an_untrusted_certificate_is_told_at_once_with_the_way_out(
    centre: Centre, tmp_path: Path
) -> None:
    certificate, key = own_certificate(tmp_path)
    listen = Listen(host="127.0.0.1", port=0, certificate=certificate, key=key)
    with serving(centre, listen) as served:
        address = f"https://localhost:{served.address.rpartition(':')[2]}"
        with pytest.raises(thapcanh.CentreRefused, match="ca_file"):
            next(thapcanh.follow(address, "token"))
        with pytest.raises(thapcanh.CentreRefused, match=r"401 .*[Ll]og in|401 .*token"):
            next(thapcanh.follow(address, "token", ca_file=str(certificate)))
    with pytest.raises(thapcanh.CentreRefused, match="ca_file cannot be read"):
        next(thapcanh.follow(address, "token", ca_file=tmp_path / "none.pem"))


def test_tls_to_a_plain_port_is_told_at_once(centre: Centre) -> None:
    with serving(centre) as served:
        address = served.address.replace("http://", "https://")
        with pytest.raises(thapcanh.CentreRefused, match="http://"):
            next(thapcanh.follow(address, "token"))
