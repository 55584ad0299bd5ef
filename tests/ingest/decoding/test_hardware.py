"""A device decodes where it can; where it cannot, the processor does, and that is told once."""

import logging
from typing import Any

import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.config.site import DecodeConfig
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.hardware import HardwareDecoding, on_device
from thapcanh.ingest.packets.libav import new_decoder
from thapcanh.ingest.packets.packet import Packet, StreamInfo

CUDA = DecodeConfig(device="cuda")


class FakeDevice:
    """Takes some codecs, refuses others when asked, or takes them and decodes nothing."""

    def __init__(self, *, refuses: str = "", fails: str = "") -> None:
        self.refuses, self.fails = refuses, fails
        self.made: list[str] = []

    def __call__(self, stream: StreamInfo, config: DecodeConfig) -> Any:
        self.made.append(f"{config.device} {stream.codec}")
        if stream.codec == self.refuses:
            raise RuntimeError("no CUDA-capable device is detected\nmore")
        return _Failing() if stream.codec == self.fails else new_decoder(stream)


class _Failing:
    is_open = False

    def decode(self, _: Any) -> Any:
        raise RuntimeError("hardware accelerator failed to decode picture")


def decoded(hardware: HardwareDecoding, packets: list[Packet]) -> int:
    decoder = Decoder("gate", lambda at_s: at_s, hardware)
    return len([frame for packet in packets for frame in decoder.decode(packet, now=1.0)])


def test_a_device_that_takes_the_codec_decodes() -> None:
    device = FakeDevice()
    hardware = HardwareDecoding(CUDA, device)
    assert decoded(hardware, synthetic_packets(40, keyframe_every=10)) >= 20
    assert device.made == ["cuda h264"]
    assert hardware.status() == {"device": "cuda", "fallbacks": {}}


def test_a_codec_that_is_refused_is_decoded_by_the_processor_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    device = FakeDevice(refuses="h264")
    hardware = HardwareDecoding(CUDA, device)
    assert [decoded(hardware, synthetic_packets(5)) for _ in range(3)] == [5, 5, 5]
    assert device.made == ["cuda h264"]  # not asked again
    told = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert told == [
        "no cuda to decode h264 with (no CUDA-capable device is detected); decoding on the CPU"
    ]
    assert decoded(hardware, synthetic_packets(2, codec="mjpeg")) == 2
    assert device.made[1:] == ["cuda mjpeg"]  # another codec may be taken
    again = hardware.following(DecodeConfig(device="vaapi", node="/dev/dri/renderD128"))
    assert again.status() == {"device": "vaapi", "fallbacks": {}}


def test_a_device_that_decodes_nothing_is_left_and_the_camera_is_seen() -> None:
    """Opened, and every picture fails: a camera would have been dark for ever."""
    hardware = HardwareDecoding(CUDA, FakeDevice(fails="h264"))
    assert decoded(hardware, synthetic_packets(40, keyframe_every=10)) >= 20
    assert list(hardware.status()["fallbacks"]) == ["h264"]


@pytest.mark.parametrize("device", ["cuda", "vaapi", "qsv"])
def test_what_this_machine_does_not_have_falls_back(device: Any) -> None:
    hardware = HardwareDecoding(DecodeConfig(device=device), on_device)
    assert decoded(hardware, synthetic_packets(40, keyframe_every=10)) >= 20
