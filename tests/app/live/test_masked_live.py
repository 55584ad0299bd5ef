"""Live view of a camera with privacy masks: what its viewers get was encoded here, masked."""

import cv2
import numpy as np

from thapcanh.app.live.feed_plan import FeedPlan, plan_for
from thapcanh.app.live.format_choice import FormatChoice, Transcoding, TranscodingRoom
from thapcanh.app.live.jpeg_picture import newest_picture
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
CAMERA = CameraConfig(
    id="front", name="Cổng", source=SecretUrl("rtsp://10.0.0.7/a"), privacy_masks=(WHOLE,)
)


def sent(film: list[Packet], room: TranscodingRoom) -> list[Packet]:
    plan: FeedPlan = plan_for(CAMERA, Site())
    forms = FormatChoice(plan.camera_id, room, 1.0, PrivacyMask(plan.privacy_masks))
    found = [one for packet in film for one in forms.take(packet, stream_s=packet.at_s, lag_s=0.0)]
    assert forms.transcoding is Transcoding.PRIVACY_MASK
    forms.close()
    return found


def test_no_packet_of_a_masked_camera_passes_through(film: list[Packet]) -> None:
    packets = sent(film, TranscodingRoom(1))
    assert len(packets) == len(film)
    decoder = Decoder("front", lambda at_s: at_s)
    frames = [frame for packet in packets for frame in decoder.decode(packet, now=0.0)]
    assert max(int(frame.bgr().max()) for frame in frames) <= 2
    assert {bytes(one.encoded) for one in film}.isdisjoint(bytes(one.encoded) for one in packets)


def test_stills_and_pictures_in_a_row_are_of_masked_packets(film: list[Packet]) -> None:
    picture = newest_picture(sent(film, TranscodingRoom(1)))
    assert picture is not None
    pixels = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    assert int(pixels.max()) <= 4


def test_without_room_a_masked_camera_is_not_sent_rather_than_as_it_is(film: list[Packet]) -> None:
    assert sent(film, TranscodingRoom(0)) == []


def test_another_mask_is_another_plan_so_that_the_open_feed_is_closed() -> None:
    changed = CAMERA.model_copy(update={"privacy_masks": ()})
    assert plan_for(CAMERA, Site()) != plan_for(changed, Site())
