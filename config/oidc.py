"""Login through the organisation's own provider (OpenID Connect), beside local accounts."""

from collections.abc import Mapping
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from thapcanh.config.frozen import Frozen, Name

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
