"""Second factors of accounts; changes are logged."""

from dataclasses import asdict, dataclass, field

import sqlalchemy as sa

from thapcanh.alerts.accounts.account_tables import second_factor
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database

TOTP, KEY = "totp", "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFactor:
    """Second factor. `secret` is the generator's, encrypted, or the authenticator's public key."""

    id: str
    username: str
    kind: str
    name: str
    secret: str = field(repr=False)
    created_at: float
    key_id: str | None = None
    counter: int = 0


class SecondFactorRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, username: str) -> list[StoredFactor]:
        """Return an account's factors, the oldest first."""
        query = sa.select(second_factor).where(second_factor.c.username == username)
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(second_factor.c.created_at)).all()
        return [StoredFactor(**row._mapping) for row in rows]

    def of_kind(self, kind: str) -> list[StoredFactor]:
        query = sa.select(second_factor).where(second_factor.c.kind == kind)
        with self._db.reading() as connection:
            return [StoredFactor(**row._mapping) for row in connection.execute(query)]

    def replace_secret(self, factor: StoredFactor, secret: str) -> None:
        """Store a secret in another form, unless it was changed meanwhile."""
        same = (second_factor.c.id == factor.id, second_factor.c.secret == factor.secret)
        with self._db.writing() as connection:
            connection.execute(sa.update(second_factor).where(*same).values(secret=secret))

    def add(self, factor: StoredFactor) -> None:
        with self._db.writing() as connection:
            connection.execute(sa.insert(second_factor).values(asdict(factor)))
            add_log(connection, _line("second_factor_added", factor, factor.created_at))

    def remove(self, username: str, factor_id: str, now: float) -> bool:
        """Delete a factor of this account; return False if there is none."""
        matching = (second_factor.c.id == factor_id, second_factor.c.username == username)
        with self._db.writing() as connection:
            row = connection.execute(sa.select(second_factor).where(*matching)).one_or_none()
            if row is None:
                return False
            delete_factor(connection, StoredFactor(**row._mapping), now, username)
        return True

    def use(self, factor: StoredFactor, counter: int) -> bool:
        """Move a factor's counter on; false where it was used so far already."""
        newer = (second_factor.c.id == factor.id, second_factor.c.counter == factor.counter)
        moved = sa.update(second_factor).where(*newer).values(counter=counter)
        with self._db.writing() as connection:
            return bool(connection.execute(moved).rowcount)


def delete_factor(connection: sa.Connection, factor: StoredFactor, at: float, by: str) -> None:
    connection.execute(sa.delete(second_factor).where(second_factor.c.id == factor.id))
    add_log(connection, _line("second_factor_removed", factor, at, by))


def _line(action: str, factor: StoredFactor, at: float, by: str | None = None) -> AuditEntry:
    return AuditEntry(
        at=at,
        actor=by or factor.username,
        action=action,
        object_id=factor.username,
        details={"kind": factor.kind, "name": factor.name, "factor": factor.id},
    )
