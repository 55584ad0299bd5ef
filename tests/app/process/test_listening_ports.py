"""A port on which devices speak: who says nothing gives way, who said something right stays."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from tests.patience import PATIENCE_S
from thapcanh.app.process import listening_ports
from thapcanh.app.process.admission import DoorBudget
from thapcanh.app.process.listening_ports import DeviceConnection, ListeningPort
from thapcanh.config.devices import ListeningPortConfig

NEW = DoorBudget(places=6, shares=(4,), gives_way=True, young_s=0.0)
PORT = ListeningPortConfig(id="p", host="127.0.0.1", port=0)
HOST = "127.0.0.1"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def with_port(
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[int, Counter[str]], Awaitable[None]],
    budget: DoorBudget = NEW,
) -> None:
    """Run the work against a port that answers each line, and takes `right` for something right."""
    monkeypatch.setattr(listening_ports, "NEW_CONNECTIONS", budget)

    async def tried() -> None:
        refused = Counter[str]()

        async def converse(connection: DeviceConnection) -> None:
            while line := await connection.reader.readline():
                if line == b"right\n":
                    port.proved(connection)
                connection.writer.write(b"heard\n")

        async def heard(_body: bytes, _sender: object) -> None:
            raise AssertionError

        port = ListeningPort(
            PORT, converse=converse, heard=heard, count=lambda why: refused.update([why])
        )
        number = await port.open()
        try:
            await work(number, refused)
        finally:
            await port.close()

    asyncio.run(asyncio.wait_for(tried(), PATIENCE_S))


async def _from(port: int, address: str) -> Streams:
    return await asyncio.open_connection(HOST, port, local_addr=(address, 0))


async def _answer(streams: Streams, said: bytes) -> bytes:
    streams[1].write(said)
    return await streams[0].readline()


async def _silent(port: int, count: int, address: str) -> list[Streams]:
    return [await _from(port, address) for _ in range(count)]


def test_silent_connections_of_one_address_refuse_no_honest_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """1,024 of them refused a unit, and as many a panel."""

    async def work(port: int, refused: Counter[str]) -> None:
        flood = await _silent(port, 40, "127.0.0.2")
        honest = await _from(port, "127.0.0.3")
        assert await _answer(honest, b"anything\n") == b"heard\n"
        assert await _answer(honest, b"right\n") == b"heard\n"
        more = await _silent(port, 40, "127.0.0.4") + await _silent(port, 40, "127.0.0.5")
        assert await _answer(honest, b"anything\n") == b"heard\n"
        assert await flood[0][0].read() == b"", "the oldest gave way"
        for _, writer in (honest, *flood, *more):
            writer.close()

    with_port(monkeypatch, work)


def test_devices_behind_one_address_stay_as_long_as_they_say_something_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work(port: int, refused: Counter[str]) -> None:
        devices = []
        for _ in range(12):
            devices.append(await _from(port, "127.0.0.2"))
            assert await _answer(devices[-1], b"right\n") == b"heard\n"
        flood = await _silent(port, 40, "127.0.0.2")
        assert [await _answer(one, b"x\n") for one in devices] == [b"heard\n"] * 12
        for _, writer in (*devices, *flood):
            writer.close()

    with_port(monkeypatch, work)


def test_a_place_is_given_back_when_its_device_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    full = DoorBudget(places=1, shares=(1,))

    async def work(port: int, refused: Counter[str]) -> None:
        first = await _from(port, "127.0.0.2")
        assert await _answer(first, b"x\n") == b"heard\n"
        second = await _from(port, "127.0.0.3")
        assert await second[0].read() == b""
        assert refused == {"more connections than may come at once": 1}
        first[1].close()
        while True:  # until the port noticed
            third = await _from(port, "127.0.0.3")
            if await _answer(third, b"x\n"):
                break
        third[1].close()
        second[1].close()

    with_port(monkeypatch, work, full)
