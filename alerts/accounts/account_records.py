"""Accounts and logins as they leave the archive: frozen objects. Times are UTC unix seconds."""

from dataclasses import dataclass, field

from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIdentity:
    """Identity of a person at a provider or directory, never reused.

    `issuer` and `subject` of OpenID Connect; of a directory the identifying attribute (`entryUUID`,
    `objectGUID`) and its value.
    """

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. The hash is made and checked in `app`."""

    username: str
    name: str
    roles: frozenset[Role]  # empty where its directory or provider gives it none any more
    locale: str
    password_hash: str = field(repr=False)
    scope: DataFilter = EVERYTHING
    disabled: bool = False
    created_at: float = 0.0
    made_by: str | None = None
    """Of a wall: whose sight it has, and without whom it has none."""
    unit: str | None = None
    """Of a crew: the unit for which it speaks, without which it sees nothing."""
    password_is_given: bool = False
    """Somebody else knows it: its owner chooses another before the first session."""
    identity: ExternalIdentity | None = None
    """Of an account of a provider or directory: whose it is; None until a login proves it."""
    maker: "User | None" = None
    """Of what was let in: `made_by` as it is today, which has more rights in no way."""

    @property
    def may_come_in(self) -> bool:
        """True if the account, and what it created, gives any access."""
        return not self.disabled and bool(self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """A login that is in force."""

    user: User
    csrf: str = field(repr=False)
    created_at: float
    expires_at: float
