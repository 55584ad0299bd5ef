"""Hardware decoders on a GPU or video unit, by libav's acceleration.

Thread-safe.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

import av
from av.codec.hwaccel import HWAccel
from av.video.codeccontext import VideoCodecContext

from thapcanh.config.site import DecodeConfig
from thapcanh.ingest.errors import first_line
from thapcanh.ingest.packets.libav import new_decoder
from thapcanh.ingest.packets.packet import StreamInfo

log = logging.getLogger(__name__)

MakeDecoder = Callable[[StreamInfo, DecodeConfig], VideoCodecContext]
DECODER_ERRORS = (av.FFmpegError, ValueError, RuntimeError, NotImplementedError)
"""What libav and its binding raise for what they cannot decode."""


def on_device(stream: StreamInfo, config: DecodeConfig) -> VideoCodecContext:
    """Return an opened decoder of the device. Raise `DECODER_ERRORS`."""
    accelerator = HWAccel(
        device_type=config.device, device=config.node, allow_software_fallback=False
    )
    name = f"{stream.codec}_qsv" if config.device == "qsv" else stream.codec
    context = new_decoder(stream, name=name, hwaccel=accelerator)
    context.open()
    return context


_CPU = DecodeConfig()


class HardwareDecoding:
    """Makes decoders where the site wants them, as long as that works."""

    def __init__(self, config: DecodeConfig = _CPU, make: MakeDecoder = on_device) -> None:
        self._config = config
        self._make = make
        self._lock = threading.Lock()
        self._fallbacks: dict[str, str] = {}

    def following(self, config: DecodeConfig) -> "HardwareDecoding":
        """Return this object with the site's present settings; a changed device is tried again."""
        with self._lock:
            if config != self._config:
                self._config, self._fallbacks = config, {}
        return self

    def status(self) -> dict[str, Any]:
        """Return the configured device, and the codecs that fell back with the reasons."""
        with self._lock:
            return {"device": self._config.device, "fallbacks": dict(self._fallbacks)}

    def new_decoder(self, stream: StreamInfo) -> tuple[VideoCodecContext, bool]:
        """Return a decoder and whether it is the device's. Raise `av.FFmpegError` for no codec."""
        with self._lock:
            is_requested = self._config.device != "cpu" and stream.codec not in self._fallbacks
        if is_requested:
            try:
                return self._make(stream, self._config), True
            except DECODER_ERRORS as error:
                self.give_up(stream.codec, error)
        return new_decoder(stream), False

    def give_up(self, codec: str, error: Exception) -> None:
        why = first_line(error)
        with self._lock:
            if codec in self._fallbacks:
                return
            self._fallbacks[codec] = why
        device = self._config.device
        log.warning("no %s to decode %s with (%s); decoding on the CPU", device, codec, why)


ON_THE_CPU = HardwareDecoding()
