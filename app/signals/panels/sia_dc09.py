"""SIA DC-09 protocol: frames with CRC and length, SIA-DCS or ADM-CID, plain or AES.

Of an encrypted frame only the sealed part counts: its account and a current time must be inside, so
that it cannot be replayed.
"""

import datetime as dt
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping

from pysiaalarm import SIAAccount
from pysiaalarm.errors import NoAccountError
from pysiaalarm.event import NAKEvent, SIAEvent
from pysiaalarm.utils import MAIN_MATCHER, OH_MATCHER, SIA_CODES

from thapcanh.alerts.signals.signal_schema import SignalKind
from thapcanh.app.signals.panels.panel_make import PanelFrame, PanelMake, PanelSignal
from thapcanh.app.signals.panels.sia_content import SiaContent, SiaEvent, read_content
from thapcanh.config.devices import PanelReceiverConfig

MOST_BYTES = 2048
BEHIND_S, AHEAD_S = 40.0, 20.0  # of an encrypted frame's time, as the standard has it
_PLAIN_AGAIN_S = 120.0  # so long a plain frame without a time of its own is the same one
_LOGGED_S = 90 * 86400.0  # the log of signals reaches back so far
_MOST_SEALS = 20_000  # sealed texts of the last minute
_BLOCK = 32  # of AES, in hex
_KINDS: Mapping[str, SignalKind] = {
    "FA": SignalKind.FIRE, "KA": SignalKind.FIRE, "SA": SignalKind.FIRE, "FM": SignalKind.FIRE,
    "FS": SignalKind.SUPERVISORY, "SS": SignalKind.SUPERVISORY, "FB": SignalKind.SUPERVISORY,
    "KS": SignalKind.SUPERVISORY, "FT": SignalKind.FAULT, "KT": SignalKind.FAULT,
    "ST": SignalKind.FAULT, "AT": SignalKind.FAULT, "YT": SignalKind.FAULT,
    "YC": SignalKind.FAULT, "YP": SignalKind.FAULT, "ET": SignalKind.FAULT,
    "UT": SignalKind.FAULT, "LT": SignalKind.FAULT, "YS": SignalKind.FAULT,
    "TA": SignalKind.TAMPER, "FX": SignalKind.TEST, "FI": SignalKind.TEST,
    "RX": SignalKind.TEST, "TX": SignalKind.TEST, "RP": SignalKind.HEARTBEAT,
    "RR": SignalKind.HEARTBEAT, "YG": SignalKind.HEARTBEAT, "FK": SignalKind.TEST,
    "FG": SignalKind.FIRE, "FW": SignalKind.FAULT, "FY": SignalKind.FAULT,
    "FZ": SignalKind.SUPERVISORY, "KB": SignalKind.SUPERVISORY, "SB": SignalKind.SUPERVISORY,
}  # fmt: skip
_RESTORED: Mapping[str, SignalKind] = {  # a code, and what it says is over
    "FH": SignalKind.FIRE, "FR": SignalKind.FIRE, "KH": SignalKind.FIRE, "KR": SignalKind.FIRE,
    "SH": SignalKind.FIRE, "SR": SignalKind.FIRE, "FV": SignalKind.SUPERVISORY,
    "SQ": SignalKind.SUPERVISORY, "FU": SignalKind.SUPERVISORY, "FJ": SignalKind.FAULT,
    "KJ": SignalKind.FAULT, "SJ": SignalKind.FAULT, "AR": SignalKind.FAULT,
    "YR": SignalKind.FAULT, "YK": SignalKind.FAULT, "YQ": SignalKind.FAULT,
    "ER": SignalKind.FAULT, "UJ": SignalKind.FAULT, "LR": SignalKind.FAULT,
    "TR": SignalKind.TAMPER, "FQ": SignalKind.FAULT, "KU": SignalKind.SUPERVISORY,
    "SU": SignalKind.SUPERVISORY,
}  # fmt: skip

CODES: Mapping[str, SignalKind] = {**_KINDS, **dict.fromkeys(_RESTORED, SignalKind.RESTORED)}
"""What each code that is taken says."""

logging.getLogger("pysiaalarm").setLevel(logging.CRITICAL)  # it would log what strangers send


class _Frame(SIAEvent):  # type: ignore[misc]
    """A frame, which the library opens and answers; `content` is left as it came."""

    def decrypt_content(self) -> None:
        """Decrypt, and lose no letter of it."""
        crypter = self._get_crypter()
        if crypter is not None:
            self.content = crypter.decrypt(bytes.fromhex(self.encrypted_content)).decode("latin-1")

    def parse_content(self) -> None:
        """Leave it to `sia_content`."""


class SiaDecoder:
    """Decoder of one receiver's frames, with its key or none."""

    def __init__(self, config: PanelReceiverConfig) -> None:
        key = None if config.key is None else config.key.get_secret_value()
        self._library = SIAAccount(account_id="", key=key, allowed_timeband=None)
        self._is_sealed = key is not None
        self._only_account = config.account and config.account.upper()
        self._seals = _RecentSeals()

    def decode(self, frame: bytes, now: float) -> PanelFrame:
        """Return a read frame; never raises."""
        line = frame.strip(b"\r\n\0 ")
        if not line or len(line) > MOST_BYTES:
            return _refused("no frame")
        try:
            return self._decoded(line, now)
        except NoAccountError:
            return _refused("is encrypted, and this receiver has no key")
        except Exception as error:  # noqa: BLE001 the library is handed a stranger's bytes
            return _refused(f"cannot be read: {type(error).__name__}")

    def _decoded(self, line: bytes, now: float) -> PanelFrame:
        event = self._frame(line)
        if event is None:
            text = line.decode("latin-1")
            return _refused(_SUPERVISION if OH_MATCHER.match(text) else _FOREIGN)
        why = self._fault_of_frame(event)
        if why is not None:
            return _refused(why)
        content = read_content(
            event.content or "", event.message_type.value, is_sealed=event.encrypted
        )
        if content is None:
            return _refused(_FOREIGN)
        why = self._fault_of_seal(event, content, now)
        return _refused(why) if why is not None else _accepted(event, content, line, now)

    def _frame(self, line: bytes) -> "_Frame | None":
        """Return the decrypted fields of a frame, or None."""
        found = MAIN_MATCHER.match(line.decode("latin-1"))
        if found is None:
            return None
        body, is_sealed = line[8:], bool(found["encrypted_flag"])
        return _Frame(
            full_message=body.decode("latin-1"),
            msg_crc=found["crc"].upper(),
            calc_crc=_crc(body),
            length=found["length"].upper(),
            encrypted=is_sealed,
            message_type=found["message_type"],
            sequence=found["sequence"],
            receiver=found["receiver"] or "",
            line=found["line"] or "L0",
            account=(found["account"] or "").upper(),
            content=None if is_sealed else found["rest"],
            encrypted_content=found["rest"].strip().upper() if is_sealed else None,
            sia_account=self._library,
        )

    def _fault_of_frame(self, event: SIAEvent) -> str | None:
        if event.calc_crc != event.msg_crc:
            return "its CRC is wrong"
        if event.length != f"{len(event.full_message):04X}":
            return "its length is wrong"
        if self._is_sealed and not event.encrypted:
            return "is plain, and this receiver has a key"
        return None

    def _fault_of_seal(self, event: SIAEvent, content: SiaContent, now: float) -> str | None:
        """Return why the seal does not match the account or the time, or None."""
        event.account = event.account or content.account
        if not event.account:
            return "it names no account"
        if self._only_account not in (None, event.account):
            return "its account is not the one of this receiver"
        if not event.encrypted:
            return None
        if content.sent_at is None:
            return "its key is another one, or it has no time"
        if not -AHEAD_S <= now - content.sent_at.timestamp() <= BEHIND_S:
            return "it is old, or the panel's clock is wrong"
        is_link_test = event.message_type.value == "NULL"
        inside = None if is_link_test and _is_zero(content.account) else content.account
        if inside is None and not is_link_test and self._only_account is None:
            return "its sealed part names no account, and this receiver has none of its own"
        if inside not in (None, event.account):
            return "it was sealed for another account"
        if not self._seals.admit(event.encrypted_content, event.account, now):
            return "its sealed part came before for another account, or was changed"
        return None


class _RecentSeals:
    """Sealed texts of the last minute, by their last block, which all of the text decides.

    A link test names no account inside: it is of the account that it came for first.
    """

    def __init__(self) -> None:
        self._registered: OrderedDict[str, tuple[float, str, str]] = OrderedDict()

    def admit(self, sealed: str, account: str, now: float) -> bool:
        """Return True unless another text or account came with this last block."""
        while self._registered:
            at, _, _ = next(iter(self._registered.values()))
            if now - at <= BEHIND_S + AHEAD_S and len(self._registered) < _MOST_SEALS:
                break
            self._registered.popitem(last=False)
        _, text, first = self._registered.setdefault(sealed[-_BLOCK:], (now, sealed, account))
        return (text, first) == (sealed, account)


_FOREIGN = "is no SIA DC-09, or its key is another one"
_SUPERVISION = "an old supervision frame without a CRC"


def _accepted(event: SIAEvent, content: SiaContent, line: bytes, now: float) -> PanelFrame:
    """Return the signals of a valid frame, without events of other systems."""
    fire_events = [item for item in content.events if item.code in CODES]
    if not fire_events:
        codes = ", ".join(item.code for item in content.events[:3]) or "?"
        return PanelFrame(answer=_unable(event), why=f"code {codes} is not of a fire panel")
    key = _key(event, content, line, now)
    signals = tuple(
        PanelSignal(
            account=event.account,
            kind=CODES[item.code],
            at=_happened_at(content, now),
            key=key if number == 0 else f"{key}-{number}",
            place=item.place,
            value=_value(item),
            restores=_RESTORED.get(item.code),
        )
        for number, item in enumerate(fire_events)
    )
    return PanelFrame(
        signals=signals, answer=_answer(event, fire_events[0]), refusal=NAKEvent().create_response()
    )


def _refused(why: str) -> PanelFrame:
    """Return a refusal; its answer has our time, by which panels set their clock."""
    return PanelFrame(answer=NAKEvent().create_response(), why=why)


def _answer(event: SIAEvent, first: SiaEvent) -> bytes:
    """Return the library's answer, or an equal one for unknown codes."""
    event.sia_code = SIA_CODES.get(first.code)
    return bytes(event.create_response())


def _unable(event: SIAEvent) -> bytes:
    """Return `DUH`: received, but not supported."""
    event.sia_code = None
    return bytes(event.create_response())


def _value(event: SiaEvent) -> str:
    """Return code and text for people."""
    return f"SIA {event.code}" + (f": {event.text}" if event.text else "")


def _happened_at(content: SiaContent, now: float) -> dt.datetime:
    """Return the panel's time, or ours if it has none."""
    stated = content.occurred_at or content.sent_at
    is_datable = stated is not None and 2000 <= stated.year < 2999
    return stated if stated is not None and is_datable else dt.datetime.fromtimestamp(now, dt.UTC)


def _key(event: SIAEvent, content: SiaContent, line: bytes, now: float) -> str:
    """Return a key that is equal for repetitions of a frame.

    A plain frame without a usable time may repeat on another day.
    """
    if event.encrypted:
        return hashlib.sha256(event.encrypted_content.encode()).hexdigest()
    digest = hashlib.sha256(line).hexdigest()
    age_s = None if content.sent_at is None else now - content.sent_at.timestamp()
    is_dated = age_s is not None and -AHEAD_S <= age_s <= _LOGGED_S
    return digest if is_dated else f"{digest[:48]}-{int(now // _PLAIN_AGAIN_S)}"


def _is_zero(account: str | None) -> bool:
    """Return True for no account; some makers write zeros into a link test."""
    return account is None or not account.strip("0")


def _crc(body: bytes) -> str:
    """CRC-16/ARC."""
    value = 0
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return f"{value:04X}"


MAKE = PanelMake(name="sia_dc09", decoder=SiaDecoder)
