"""SIA DC-09 frames made by hand."""

import datetime as dt

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import SecretStr

from tests.app.web_api.centre import NOW
from thapcanh.config.devices import PanelReceiverConfig

KEY = "3A1F5C7E9B2D4F60"
PLAIN = PanelReceiverConfig(id="tcp", port=0, host="127.0.0.1")
SEALED = PLAIN.model_copy(update={"id": "aes", "key": SecretStr(KEY)})
DATAGRAMS = PLAIN.model_copy(update={"id": "udp", "protocol": "udp"})


def crc(body: bytes) -> str:
    """CRC-16/ARC, written anew from the standard."""
    value = 0
    for letter in body:
        value ^= letter
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return f"{value:04X}"


def framed(body: str | bytes) -> bytes:
    raw = body.encode() if isinstance(body, str) else body
    return f"\n{crc(raw)}{len(raw):04X}".encode() + raw + b"\r"


def stamp(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("_%H:%M:%S,%m-%d-%Y")


def plain(data: str = "Nri1/FA501", account: str = "1234", seq: int = 1, at: str = "") -> bytes:
    return framed(f'"SIA-DCS"{seq:04d}L0#{account}[#{account}|{data}]{at}')


def ciphertext(text: str, key: str = KEY, pad: str = "7") -> str:
    """A text under the key, as hex, with padding before it: always some, as the standard has it."""
    raw = text.encode()
    filled = pad.encode() * (16 - len(raw) % 16) + raw
    sealing = Cipher(algorithms.AES(key.encode()), modes.CBC(bytes(16))).encryptor()
    return (sealing.update(filled) + sealing.finalize()).hex().upper()


def sealed(
    data: str = "#1234|Nri1/FA501",
    key: str = KEY,
    at: float = NOW,
    *,
    account: str = "1234",
    seq: int = 1,
    kind: str = "SIA-DCS",
    pad: str = "7",
) -> bytes:
    hidden = ciphertext(f"|{data}]{stamp(at)}", key, pad)
    return framed(f'"*{kind}"{seq:04d}L0#{account}[{hidden}')


def readdressed(frame: bytes, account: str, seq: int = 2) -> bytes:
    """What somebody without the key makes of a frame: another header, and its CRC made anew."""
    kind, _, sealed_part = frame.strip(b"\r\n")[8:].partition(b'"0001L0#1234[')
    return framed(kind + f'"{seq:04d}L0#{account}['.encode() + sealed_part)
