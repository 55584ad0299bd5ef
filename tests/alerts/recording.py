"""What tests of recording share: a made film, a camera that plays it, what was spooled."""

from collections.abc import Sequence

import av

from tests.alerts.queue.fake_events import fake_event
from tests.ingest.fake_source import moving_square, synthetic_packets
from thapcanh.alerts.evidence.recorder import RecorderSettings
from thapcanh.alerts.queue.message import EvidenceKind, Message, decode
from thapcanh.alerts.queue.spool import Spool
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.held_packets import PreRoll
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import Polygons, PrivacyMask

FILM = synthetic_packets(300, fps=15, keyframe_every=15)  # 20 s


EVENT = fake_event(at_s=8.0)


SHORT = RecorderSettings(before_s=2.0, after_s=3.0)


class FakeCamera:
    """A camera of which only the packets matter."""

    def __init__(self, packets: Sequence[Packet] = FILM, privacy_masks: Polygons = ()) -> None:
        self.privacy_mask = PrivacyMask(privacy_masks)
        self.preroll = PreRoll(60.0, 1 << 30)
        self._packets = list(packets)

    def play_to(self, at_s: float) -> None:
        while self._packets and self._packets[0].at_s <= at_s:
            self.preroll.add(self._packets.pop(0))


def frame() -> Frame:
    return Frame(
        camera_id="gate",
        picture=av.VideoFrame.from_ndarray(moving_square(3), format="rgb24"),
        width=320,
        height=240,
        at_s=8.0,
        captured_at=EVENT.captured_at,
        decoded_at=EVENT.captured_at,
    )


def spooled(spool: Spool) -> list[Message]:
    return [decode(entry) for _, entry in spool.oldest(1000)]


def kinds(message: Message) -> list[EvidenceKind]:
    return [ref.kind for ref in message.evidence]
