"""Cameras in memory that never end, and an aiortc peer that watches as a browser does."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest

from tests.ingest.fake_source import synthetic_packets
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import Ended, SourceError
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.sources.connection import Connection

URL = SecretUrl("rtsp://viewer:topsecret@10.0.0.1/front")


class EndlessCamera:
    """An `OpenSource`: one film again and again, in real time, until `cut` is set.

    `failure` refuses the openings from then on.
    """

    def __init__(self, film: Sequence[Packet]) -> None:
        self._film = film
        self.cut = threading.Event()
        self.failure: SourceError | None = None
        self.opened = 0
        self.open_now = 0

    def __call__(self, url: SecretUrl, /) -> AbstractContextManager[Connection]:
        if self.failure is not None:
            raise self.failure
        self.opened += 1
        self.cut.clear()
        return self._connected()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        self.open_now += 1
        try:
            yield _Film(self._film, self.cut)
        finally:
            self.open_now -= 1


class _Film:
    def __init__(self, film: Sequence[Packet], cut: threading.Event) -> None:
        self._film = film
        self._cut = cut

    @property
    def stream(self) -> StreamInfo:
        return self._film[0].stream

    @property
    def transport(self) -> None:
        return None

    @property
    def live(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Packet]:
        import time

        step_s = 1 / (self.stream.fps or 15)
        for number, packet in enumerate(itertools.cycle(self._film)):
            if self._cut.wait(step_s):
                raise Ended(str(URL))
            yield replace(packet, at_s=number * step_s, received_at=time.time())


@pytest.fixture(scope="session")
def film() -> list[Packet]:
    """Two seconds, a keyframe every second."""
    return synthetic_packets(30, fps=15, keyframe_every=15)


@pytest.fixture
def endless(film: list[Packet]) -> EndlessCamera:
    return EndlessCamera(film)
