"""Login by the organisation (OpenID Connect or directory), beside local accounts."""

from collections.abc import Mapping
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from thapcanh.config.file_path import FilePath
from thapcanh.config.frozen import Frozen, Id, Name

RoleName = Literal["viewer", "operator", "leader", "technician", "agency", "admin", "auditor"]


class OidcConfig(Frozen):
    """Identity provider and the claims that count; without an issuer there is no such login."""

    issuer: str | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    public_url: str = ""
    label: Name = "Đăng nhập một lần"
    username_claim: str = Field(default="preferred_username", min_length=1)
    roles_claim: str = Field(default="roles", min_length=1)
    agencies_claim: str | None = None
    areas_claim: str | None = None
    roles: Mapping[str, tuple[RoleName, ...]] = {}
    absent_days: int = Field(default=30, ge=14, le=30)
    """Walls and tokens of an account end when it did not log in for so long."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.issuer is None:
            return self
        for name in ("client_id", "public_url", "roles"):
            if not getattr(self, name):
                raise ValueError(f"{name} is missing, an issuer needs it")
        for name in ("issuer", "public_url"):
            _check_address(name, getattr(self, name))
        return self


def _check_address(name: str, address: str) -> None:
    """Raise `ValueError` unless the address is https or on this machine."""
    parts = urlsplit(address)
    is_local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or is_local):
        raise ValueError(f"{name} is not an https:// address")


PORTS = {"ldaps": 636, "ldap": 389}


class LdapConfig(Frozen):
    """LDAP login; off without a `url`. `ldap://` always uses StartTLS.

    `roles`, `agencies` and `areas` name groups by DN or by `cn`.
    """

    url: str | None = None
    ca: FilePath | None = None
    """Whose certificates count (PEM); without, the system's authorities."""
    bind_dn: str = ""
    """Who looks accounts up; without, nobody in particular."""
    bind_password: SecretStr | None = None
    base: str = ""
    """Below which accounts are."""
    username_attribute: str = Field(default="uid", pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")
    """`sAMAccountName` in Active Directory."""
    id_attribute: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")
    """What identifies an entry for ever, where the directory serves none of the usual ones."""
    name_attribute: str = Field(default="displayName", pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")
    group_base: str | None = None
    """Below which groups are, where accounts do not say them by `memberOf`."""
    roles: Mapping[str, tuple[RoleName, ...]] = {}
    agencies: Mapping[str, tuple[Id, ...]] = {}
    """Empty: everybody has the cameras of all."""
    areas: Mapping[str, tuple[Id, ...]] = {}
    timeout_s: float = Field(default=5.0, ge=1, le=30)

    @property
    def host(self) -> str:
        return urlsplit(self.url or "").hostname or ""

    @property
    def is_tls(self) -> bool:
        """TLS from the first byte; else by StartTLS."""
        return urlsplit(self.url or "").scheme == "ldaps"

    @property
    def port(self) -> int:
        return urlsplit(self.url or "").port or PORTS["ldaps" if self.is_tls else "ldap"]

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.url is None:
            return self
        try:
            parts = urlsplit(self.url)
            is_right = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_right = False
        if not is_right or parts.username is not None or parts.path.strip("/") or parts.query:
            raise ValueError("url is not an address of a directory, expected ldaps://HOST:PORT")
        for name in ("base", "roles"):
            if not getattr(self, name):
                raise ValueError(f"{name} is missing, a directory needs it")
        if bool(self.bind_dn) != (self.bind_password is not None):
            raise ValueError("bind_dn and bind_password go together, one is missing")
        return self
