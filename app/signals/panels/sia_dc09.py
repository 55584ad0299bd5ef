"""SIA DC-09: frames with a CRC and a length, SIA-DCS or ADM-CID inside, plain or AES.

`pysiaalarm` reads the frames; what is asked of them here is stricter: the length must be right, a
receiver with a key takes nothing plain, and an encrypted frame must be of this minute, so that an
old one that somebody kept is refused. The same frame again is the same signal.
"""

import datetime as dt
import hashlib
import logging
from collections.abc import Mapping

from pysiaalarm import SIAAccount
from pysiaalarm.errors import EventFormatError, NoAccountError
from pysiaalarm.event import NAKEvent, OHEvent, SIAEvent

from alerts.signals.signal_schema import SignalKind
from app.signals.panels.panel_make import PanelFrame, PanelMake, PanelSignal
from config.devices import PanelReceiverConfig

MOST_BYTES = 2048
BEHIND_S, AHEAD_S = 40.0, 20.0  # of an encrypted frame's time, as the standard has it
_PLAIN_AGAIN_S = 120.0  # so long a plain frame without a time is the same one
_ANY = ""
_KINDS: Mapping[str, SignalKind] = {
    "FA": SignalKind.FIRE, "KA": SignalKind.FIRE, "SA": SignalKind.FIRE, "FM": SignalKind.FIRE,
    "FS": SignalKind.SUPERVISORY, "SS": SignalKind.SUPERVISORY, "FB": SignalKind.SUPERVISORY,
    "KS": SignalKind.SUPERVISORY, "FT": SignalKind.FAULT, "KT": SignalKind.FAULT,
    "ST": SignalKind.FAULT, "AT": SignalKind.FAULT, "YT": SignalKind.FAULT,
    "YC": SignalKind.FAULT, "YP": SignalKind.FAULT, "ET": SignalKind.FAULT,
    "UT": SignalKind.FAULT, "LT": SignalKind.FAULT, "YS": SignalKind.FAULT,
    "TA": SignalKind.TAMPER, "FX": SignalKind.TEST, "FI": SignalKind.TEST,
    "RX": SignalKind.TEST, "TX": SignalKind.TEST, "RP": SignalKind.HEARTBEAT,
    "RR": SignalKind.HEARTBEAT, "YG": SignalKind.HEARTBEAT,
}  # fmt: skip
_RESTORED: Mapping[str, SignalKind] = {  # a code, and what it says is over
    "FH": SignalKind.FIRE, "FR": SignalKind.FIRE, "KH": SignalKind.FIRE, "KR": SignalKind.FIRE,
    "SH": SignalKind.FIRE, "SR": SignalKind.FIRE, "FV": SignalKind.SUPERVISORY,
    "SQ": SignalKind.SUPERVISORY, "FU": SignalKind.SUPERVISORY, "FJ": SignalKind.FAULT,
    "KJ": SignalKind.FAULT, "SJ": SignalKind.FAULT, "AR": SignalKind.FAULT,
    "YR": SignalKind.FAULT, "YK": SignalKind.FAULT, "YQ": SignalKind.FAULT,
    "ER": SignalKind.FAULT, "UJ": SignalKind.FAULT, "LR": SignalKind.FAULT,
    "TR": SignalKind.TAMPER,
}  # fmt: skip

logging.getLogger("pysiaalarm").setLevel(logging.CRITICAL)  # it would log what strangers send


class SiaDecoder:
    """Reads the frames of one receiver, under its one key or none."""

    def __init__(self, config: PanelReceiverConfig) -> None:
        key = None if config.key is None else config.key.get_secret_value()
        self._account = SIAAccount(account_id=_ANY, key=key, allowed_timeband=None)
        self._is_sealed = key is not None

    def decode(self, frame: bytes, now: float) -> PanelFrame:
        """Read one frame; whatever the bytes are, nothing is raised."""
        line = frame.strip(b"\r\n\0 ")
        if not line or len(line) > MOST_BYTES:
            return _refused("no frame")
        try:
            event = SIAEvent.from_line(line.decode("ascii"), {_ANY: self._account})
        except NoAccountError:
            return _refused("is encrypted, and this receiver has no key")
        except (EventFormatError, UnicodeDecodeError):
            return _refused("is no SIA DC-09, or its key is another one")
        except Exception as error:  # noqa: BLE001 the library is handed a stranger's bytes
            return _refused(f"cannot be read: {type(error).__name__}")
        return self._judged(event, line, now)

    def _judged(self, event: SIAEvent, line: bytes, now: float) -> PanelFrame:
        if isinstance(event, OHEvent):
            return _refused("an old supervision frame without a CRC")
        event.receiver, event.line = event.receiver or "", event.line or "L0"  # as it is answered
        why = self._fault(event, now)
        if why is not None:
            return _refused(why)
        code = (event.code or "").upper()
        kind = _KINDS.get(code, SignalKind.RESTORED if code in _RESTORED else None)
        answer = _answer(event)
        if kind is None:
            return PanelFrame(
                answer=_unable(event), why=f"code {code or '?'} is not of a fire panel"
            )
        at = event.timestamp if isinstance(event.timestamp, dt.datetime) else _utc(now)
        signal = PanelSignal(
            account=(event.account or "").upper(),
            kind=kind,
            at=at,
            key=_key(event, line, now),
            place=_zone(event),
            value=code,
            restores=_RESTORED.get(code),
        )
        return PanelFrame(signals=(signal,), answer=answer, refusal=NAKEvent().create_response())

    def _fault(self, event: SIAEvent, now: float) -> str | None:
        if event.msg_crc is None or event.calc_crc != event.msg_crc:
            return "its CRC is wrong"
        if event.length is None or event.length != f"{len(event.full_message or ''):04X}":
            return "its length is wrong"
        if not event.account:
            return "it names no account"
        if self._is_sealed and not event.encrypted:
            return "is plain, and this receiver has a key"
        if event.encrypted:
            if not isinstance(event.timestamp, dt.datetime):
                return "its key is another one, or it has no time"
            if not -AHEAD_S <= now - event.timestamp.timestamp() <= BEHIND_S:
                return "it is old, or the panel's clock is wrong"
        return None


def _refused(why: str) -> PanelFrame:
    """Not taken; the answer has our time, by which a panel sets its clock."""
    return PanelFrame(answer=NAKEvent().create_response(), why=why)


def _answer(event: SIAEvent) -> bytes:
    """What the library answers to a frame whose code it knows, else the same by hand."""
    return bytes(event.create_response()) if event.sia_code is not None else _unable(event)


def _unable(event: SIAEvent) -> bytes:
    """`DUH`: it was received, and is nothing that this receiver takes."""
    event.sia_code = None
    return bytes(event.create_response())


def _zone(event: SIAEvent) -> str | None:
    """The zone, by the code's own number or the partition."""
    parts = (event.message or "").strip("/ "), event.ri or ""
    found = [part for part in parts if part.strip("0")]
    return found[0][:200] if found else None


def _key(event: SIAEvent, line: bytes, now: float) -> str:
    """The same for the same frame; a plain one without a time may be sent again another day."""
    digest = hashlib.sha256(line).hexdigest()
    dated = isinstance(event.timestamp, dt.datetime)
    return digest if dated else f"{digest[:48]}-{int(now // _PLAIN_AGAIN_S)}"


def _utc(now: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(now, dt.UTC)


MAKE = PanelMake(name="sia_dc09", decoder=SiaDecoder)
