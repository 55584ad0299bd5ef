"""What a site answers about itself."""

from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site

GATE, YARD = (
    CameraConfig(id=name, name=name.title(), source=SecretUrl("rtsp://camera.invalid/1"))
    for name in ("gate", "yard")
)


def test_a_camera_is_found_by_its_id_and_in_a_copy_among_the_copys_own() -> None:
    site = Site(cameras=(GATE, YARD))
    assert site.camera("yard") is YARD
    assert site.camera("roof") is None
    copy = site.model_copy(update={"cameras": (GATE,)})
    assert copy.camera("yard") is None
    assert site.camera("yard") is YARD


def test_asking_for_a_camera_changes_no_comparison() -> None:
    asked, other = Site(cameras=(GATE,)), Site(cameras=(GATE,))
    asked.camera("gate")
    assert asked == other
    assert asked.model_dump() == other.model_dump()
