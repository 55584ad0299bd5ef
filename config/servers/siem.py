"""Export of the action log to a SIEM by syslog (RFC 5424)."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, model_validator

from thapcanh.config.file_path import FilePath
from thapcanh.config.frozen import Frozen
from thapcanh.config.secret import SecretUrl

PORTS = {"tls": 6514, "tcp": 601, "udp": 514}
"""By scheme: RFC 5425, RFC 6587 and RFC 5426."""


def _checked(url: SecretUrl) -> SecretUrl:
    try:
        parts = urlsplit(url.reveal())
        is_right = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or parts.username is not None or parts.path or parts.query or parts.fragment:
        raise ValueError("url is not an address of a SIEM, expected tls://HOST:PORT (tcp, udp)")
    return url


SiemUrl = Annotated[SecretUrl, AfterValidator(_checked)]


class SiemConfig(Frozen):
    """Export to a SIEM; off without a `url`. `tcp` and `udp` are not encrypted; `udp` may lose."""

    url: SiemUrl | None = None
    ca: FilePath | None = None
    """Whose certificates count (PEM); without, the system's authorities."""
    certificate: FilePath | None = None
    key: FilePath | None = None
    """What the centre shows of itself, where the receiver asks for it."""

    @model_validator(mode="after")
    def _checked_files(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together, one is missing")
        if self.scheme != "tls" and (self.ca or self.certificate):
            raise ValueError("ca and certificate need a url that begins with tls://")
        return self

    @property
    def scheme(self) -> str:
        return urlsplit(self._address).scheme

    @property
    def host(self) -> str:
        return urlsplit(self._address).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self._address).port or PORTS[self.scheme]

    @property
    def receiver(self) -> str:
        """Receiver's name in the stored export position."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def _address(self) -> str:
        return "" if self.url is None else self.url.reveal()
