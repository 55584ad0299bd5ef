"""Calls of an Asterisk: events of its manager interface in, notices out.

A call from outside is the channel that began it (`Uniqueid` is `Linkedid`) and dialled one of our
lines. It is answered when that channel meets another in a bridge: a queue or a menu has "answered"
long before. After a new connection the channels that stand are asked for, so that a call which
began or ended meanwhile is told.
"""

from collections.abc import Awaitable, Callable

from alerts.calls.incoming_calls import CallNotice
from app.telephone.ami_connection import AmiConnection, Message, ami_connection
from app.telephone.exchange import HeardCall
from config.devices import ExchangeConfig

_MOST_CALLS = 2000

Hear = Callable[[HeardCall], Awaitable[None]]


class AsteriskExchange:
    """Owned by one task; what it knows of calls outlives a connection."""

    def __init__(self, exchange: ExchangeConfig) -> None:
        self._exchange = exchange
        self._calls: dict[str, HeardCall] = {}
        self._standing: set[str] = set()

    async def listen(self, heard: Hear, up: Callable[[], None]) -> None:
        """Connect, call `up` once it serves us, and tell of calls until it ends."""
        async with ami_connection(self._exchange) as connection:
            up()
            await self._ask_for_channels(connection)
            async for message in connection.messages():
                for notice in self._notices(message):
                    await heard(notice)

    async def _ask_for_channels(self, connection: AmiConnection) -> None:
        self._standing.clear()
        await connection.send({"Action": "CoreShowChannels"})

    def _notices(self, message: Message) -> list[HeardCall]:
        call_id = message.get("uniqueid", "")
        is_first = bool(call_id) and message.get("linkedid", call_id) == call_id
        match message.get("event"):
            case "Newchannel" if is_first:
                return self._began(call_id, message)
            case "CoreShowChannel" if is_first:
                self._standing.add(call_id)
                in_bridge = bool(message.get("bridgeid"))
                began = self._began(call_id, message)
                return began + (self._told(call_id, CallNotice.ANSWERED) if in_bridge else [])
            case "CoreShowChannelsComplete":
                gone = [one for one in self._calls if one not in self._standing]
                return [told for one in gone for told in self._ended(one)]
            case "BridgeEnter":
                return self._told(call_id, CallNotice.ANSWERED)
            case "Hangup":
                return self._ended(call_id)
        return []

    def _began(self, call_id: str, message: Message) -> list[HeardCall]:
        line = self._exchange.lines.get(message.get("exten", ""))
        if call_id in self._calls:
            return []
        if line is None or len(self._calls) >= _MOST_CALLS:
            return []
        caller = message.get("calleridnum") or None
        self._standing.add(call_id)
        told = HeardCall(call_id=call_id, notice=CallNotice.BEGAN, line=line, caller=caller)
        self._calls[call_id] = told
        return [told]

    def _told(self, call_id: str, notice: CallNotice) -> list[HeardCall]:
        known = self._calls.get(call_id)
        if known is None:
            return []
        return [HeardCall(call_id=call_id, notice=notice, line=known.line, caller=known.caller)]

    def _ended(self, call_id: str) -> list[HeardCall]:
        told = self._told(call_id, CallNotice.ENDED)
        self._calls.pop(call_id, None)
        self._standing.discard(call_id)
        return told
