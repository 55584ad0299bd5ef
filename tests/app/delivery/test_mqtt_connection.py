"""A connection to a broker that is broken off on its way leaves nothing open."""

import asyncio
from collections.abc import Awaitable, Callable

import aiomqtt
import pytest

from alerts.delivery.mqtt_connection import BrokerClient, MqttTarget, broker_client
from config.secret import SecretUrl
from tests.patience import PATIENCE_S


class SilentBroker:
    """Takes connections and says nothing."""

    def __init__(self) -> None:
        self.opened, self.ended = asyncio.Event(), asyncio.Event()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened.set()
        try:
            while await reader.read(1000):
                pass
        finally:
            self.ended.set()
            writer.close()


def against_silence(deed: Callable[[SilentBroker, BrokerClient], Awaitable[None]]) -> None:
    """Run it; afterwards the broker has seen the end, and no task of the client is left."""

    async def run() -> None:
        broker = SilentBroker()
        async with await asyncio.start_server(broker.take, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            url = SecretUrl(f"mqtt://127.0.0.1:{port}")
            target = MqttTarget(id="broker", url=url, timeout_s=1.0)
            await deed(broker, broker_client(target, "127.0.0.1"))
            async with asyncio.timeout(PATIENCE_S):
                await broker.ended.wait()
                while any("_misc_loop" in repr(task) for task in asyncio.all_tasks()):
                    await asyncio.sleep(0.01)

    asyncio.run(run())


def test_a_broker_that_says_nothing_is_left() -> None:
    async def deed(_: SilentBroker, client: BrokerClient) -> None:
        with pytest.raises(aiomqtt.MqttError):
            await client.__aenter__()

    against_silence(deed)


@pytest.mark.parametrize("when", ["at once", "connected"])
def test_who_waits_for_it_may_be_broken_off(when: str) -> None:
    async def deed(broker: SilentBroker, client: BrokerClient) -> None:
        connecting = asyncio.create_task(client.__aenter__())
        await (asyncio.sleep(0) if when == "at once" else broker.opened.wait())
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting

    against_silence(deed)
