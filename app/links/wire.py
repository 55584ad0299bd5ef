"""The form of what two sites say to each other: a signed request, and an answer signed for it.

A request holds items, receipts for the other site's items, and the session and number that let
nobody send it twice. What a later version adds is left as it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from thapcanh.alerts.links.link_records import LinkItem, LinkRefused, Receipt, SiteLinkRefusal, Tree

SIGNATURE_HEADER = "Thapcanh-Link-Signature"
EXCHANGE_PATH = "/api/v1/link-peers/{link_id}/exchange"
ACCEPT_PATH = "/api/v1/link-peers"
MOST_ITEMS = 20
MOST_ITEM_BYTES = 40_000  # of events in one request; a picture goes alone
_MOST_SEQ = (1 << 31) - 1
_LONGEST = 200


class Lane(StrEnum):
    """Ways that do not wait for each other."""

    EVENTS = "events"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkExchange:
    """What one site says to the other."""

    lane: Lane = Lane.EVENTS
    session: str = ""
    number: int = 0
    now: float = 0.0
    ended: bool = False
    items: Sequence[LinkItem] = ()
    receipts: Sequence[Receipt] = ()
    tree: Tree = field(default_factory=Tree)

    def body(self) -> bytes:
        stated = {
            "lane": self.lane.value,
            "session": self.session,
            "number": self.number,
            "now": self.now,
            "ended": self.ended,
            "items": [one.stated() for one in self.items],
            "receipts": [one.stated() for one in self.receipts],
            "tree": self.tree.stated(),
        }
        return json.dumps(stated, ensure_ascii=False).encode()


def read_exchange(body: bytes) -> LinkExchange:
    """Return what another site said. Raise `LinkRefused` if it cannot be read."""
    found = read_object(body)
    try:
        return LinkExchange(
            lane=Lane(found.get("lane", Lane.EVENTS)),
            session=str(found.get("session", ""))[:_LONGEST],
            number=int(found.get("number", 0)),
            now=float(found.get("now", 0.0)),
            ended=found.get("ended") is True,
            items=[_item(one) for one in _list(found.get("items"))[:MOST_ITEMS]],
            receipts=[_receipt(one) for one in _list(found.get("receipts"))[:MOST_ITEMS]],
            tree=Tree.read(found.get("tree")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise LinkRefused(SiteLinkRefusal.UNREADABLE) from None


def read_object(body: bytes) -> Mapping[str, Any]:
    """Return a JSON object without numbers that are none. Raise `LinkRefused`."""
    try:
        found = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise LinkRefused(SiteLinkRefusal.UNREADABLE) from None
    if not isinstance(found, dict):
        raise LinkRefused(SiteLinkRefusal.UNREADABLE)
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _item(found: Mapping[str, Any]) -> LinkItem:
    seq, data = int(found["seq"]), found.get("data")
    if not 0 < seq <= _MOST_SEQ or not isinstance(data, dict):
        raise ValueError
    return LinkItem(
        seq=seq,
        subject=str(found["subject"])[:_LONGEST],
        kind=str(found["kind"])[:_LONGEST],
        at=float(found.get("at", 0.0)),
        data=data,
    )


def _receipt(found: Mapping[str, Any]) -> Receipt:
    seq = int(found["seq"])
    if not 0 < seq <= _MOST_SEQ:
        raise ValueError
    refused = found.get("refused")
    return Receipt(
        seq=seq,
        refused=None if refused is None else str(refused)[:_LONGEST],
        later=found.get("later") is True,
    )
