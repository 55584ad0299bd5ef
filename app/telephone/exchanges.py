"""Which adapter serves an exchange of the configuration."""

from typing import assert_never

from app.telephone.asterisk import AsteriskExchange
from app.telephone.exchange import Exchange
from config.devices import ExchangeConfig


def make_exchange(exchange: ExchangeConfig) -> Exchange:
    """The adapter of an exchange's maker."""
    match exchange.kind:
        case "asterisk":
            return AsteriskExchange(exchange)
        case _:
            assert_never(exchange.kind)
