"""Login by directory (LDAP).

The account is looked up, then bound with the typed password over verified TLS. It is stored as
`ldap:NAME`, belongs to one directory entry, is updated at each login, and has no password here.
"""

import logging
import math
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from thapcanh.alerts.accounts.account_records import ExternalIdentity, User
from thapcanh.alerts.accounts.external_accounts import (
    ExternalAccounts,
    ExternalLoginRefused,
    ExternalPerson,
    ExternalRefusal,
)
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.access.directory_entry import NAME, DirectoryEntry, find_entry, granted
from thapcanh.app.web_api.access.oidc_provider import CircuitBreaker
from thapcanh.config.servers.login_providers import LdapConfig
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import AddressRefused, servers

PREFIX = "ldap:"  # no local account's name holds a colon
_NO_ANSWER = frozenset({51, 52, 80})  # busy, unavailable, other: nothing about the password
log = logging.getLogger(__name__)


class DirectoryAway(Exception):
    """Unavailable directory; the message is for the log, without secrets."""


class EntryUnidentified(DirectoryAway):
    """Directory entry without an unchangeable id."""


Connect = Callable[[LdapConfig, str, str, str], Any]
"""A directory, its judged address, a name and its password: a connection that is not bound yet."""


def connect(config: LdapConfig, address: str, name: str, password: str) -> Any:
    """Return a connection with TLS. Raises `DirectoryAway` without its library."""
    try:
        import ldap3
    except ImportError:
        raise DirectoryAway("its library is not installed: thapcanh[ldap] has it") from None
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        version=ssl.PROTOCOL_TLS_CLIENT,
        ca_certs_file=None if config.ca is None else str(config.ca),
        valid_names=[config.host],
        sni=config.host,
    )
    within_s = math.ceil(config.timeout_s)  # it takes whole seconds alone
    server = ldap3.Server(
        address, port=config.port, use_ssl=config.is_tls, tls=tls,
        get_info=ldap3.NONE, connect_timeout=within_s,
    )  # fmt: skip
    return ldap3.Connection(
        server, user=name or None, password=password or None,
        authentication=ldap3.SIMPLE if name else ldap3.ANONYMOUS,
        auto_referrals=False, read_only=True, receive_timeout=within_s,
    )  # fmt: skip


class Directory:
    """The site's directory, as the configuration has it now. Thread-safe."""

    def __init__(
        self, site: Callable[[], Site], archive: Archive, connect: Connect = connect,
        utc: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._site = site
        self._archive = archive
        self._accounts = ExternalAccounts(archive.database)
        self._connect = connect
        self._utc = utc
        self._monotonic = monotonic
        self._breaker = CircuitBreaker()
        self._lock = threading.Lock()

    @property
    def is_configured(self) -> bool:
        return self._site().ldap.url is not None

    def account(self, username: str, password: str) -> User | None:
        """Return the stored account of this login, or None if it is wrong or has no role.

        Raises `DirectoryAway`, and `ExternalLoginRefused` if the account belongs to another entry.
        """
        named = username.removeprefix(PREFIX)
        if not self.is_configured or not NAME.match(named):
            return None  # a name in other letters that the directory takes for the same is no other
        if not password or "\0" in password:
            return None  # a directory lets everybody in who shows no password
        with self._lock:
            if self._breaker.is_open(self._monotonic()):
                raise DirectoryAway("it did not answer a moment ago")
        try:
            found = self._proved(named, password)
        except DirectoryAway:
            with self._lock:
                self._breaker.failed(self._monotonic())
            raise
        with self._lock:
            self._breaker.succeeded()
        return None if found is None else self._let_in(found)

    def again(self, usernames: Iterable[str]) -> Iterator[tuple[str, ExternalPerson | None]]:
        """Yield the directory's current data of each account; None for removed ones.

        Needs no passwords. Raises `DirectoryAway`.
        """
        with self._reading() as (reader, config, _):
            for username in usernames:
                named = username.removeprefix(PREFIX)
                found = _requested(partial(find_entry, reader, config, named))
                person = None if found is None else self._person(found)
                is_same = person is not None and person.username == username
                yield username, person if is_same else None

    def _let_in(self, found: DirectoryEntry) -> User | None:
        person = self._person(found)
        if person is None:
            return None
        try:
            return self._accounts.log_in(person, self._utc())
        except ExternalLoginRefused as refused:
            if refused.why is ExternalRefusal.OTHER_SUBJECT:
                raise
            log.warning("login by the directory refused: %s", refused)
            return None

    def _proved(self, named: str, password: str) -> DirectoryEntry | None:
        """Return the entry if the directory accepts the password, else None."""
        with self._reading() as (reader, config, address):
            found: DirectoryEntry | None = _requested(partial(find_entry, reader, config, named))
            if found is None:
                return None
            own = self._opened(config, address, found.dn, password)
            if own is None:
                return None
            _let_go(own)
            return found

    @contextmanager
    def _reading(self) -> Iterator[tuple[Any, LdapConfig, str]]:
        """Yield a connection of the lookup account, with its configuration and address."""
        config = self._site().ldap
        try:
            address = servers(self._site().networks).judged(config.host, config.port)[0]
        except AddressRefused as error:
            raise DirectoryAway(str(error)) from None
        secret = config.bind_password
        reader = self._opened(
            config, address, config.bind_dn, "" if secret is None else secret.get_secret_value()
        )
        if reader is None:
            raise DirectoryAway("it does not accept bind_dn and bind_password")
        try:
            yield reader, config, address
        finally:
            _let_go(reader)

    def _opened(self, config: LdapConfig, address: str, name: str, password: str) -> Any | None:
        """Return a bound connection, or None if the login is refused."""
        made = self._connect(config, address, name, password)

        def bound() -> bool:
            if not config.is_tls:
                made.open(read_server_info=False)
                if not made.start_tls(read_server_info=False):
                    raise DirectoryAway("it does not speak StartTLS")
            is_right = bool(made.bind())
            if not is_right and made.result["result"] in _NO_ANSWER:
                raise DirectoryAway(f"it says {made.result['description']}")
            return is_right

        try:
            is_right = _requested(bound)
        except DirectoryAway:
            _let_go(made)
            raise
        if not is_right:
            _let_go(made)
        return made if is_right else None

    def _person(self, found: DirectoryEntry) -> ExternalPerson | None:
        """Return the person in our terms, or None for an invalid name."""
        if not found.username.isascii() or not NAME.match(found.username.lower()):
            return None
        site = self._site()
        config, username = site.ldap, PREFIX + found.username.lower()
        roles = () if found.is_disabled else granted(config.roles, found.groups)
        return ExternalPerson(
            username=username,
            identity=self._identity(found, username),
            name=found.name,
            roles=frozenset(map(Role, roles)),
            locale=site.site.locale,
            scope=DataFilter(
                agencies=_scope(config.agencies, found.groups, {item.id for item in site.agencies}),
                areas=_scope(config.areas, found.groups, {item.id for item in site.areas}),
            ),
        )

    def _identity(self, found: DirectoryEntry, username: str) -> ExternalIdentity:
        """Return the identity by the attribute that the account is already bound by.

        Raises `EntryUnidentified`.
        """
        before = self._archive.user(username)
        bound = before.identity if before is not None else None
        by = bound.issuer if bound is not None and bound.issuer in found.ids else None
        for attribute in (by, *found.ids):
            if attribute is not None:
                return ExternalIdentity(issuer=attribute, subject=found.ids[attribute])
        raise EntryUnidentified(
            f"it does not say which entry {username} is: let bind_dn read entryUUID or objectGUID, "
            "or name the attribute that identifies an entry in [ldap] id_attribute"
        )


def _requested(question: Callable[[], Any]) -> Any:
    """Run a query; raise `DirectoryAway` without an answer."""
    from ldap3.core.exceptions import LDAPException

    try:
        return question()
    except (LDAPException, OSError) as error:
        words = " ".join(str(error).split())[:200]
        raise DirectoryAway(f"no answer: {words or type(error).__name__}") from None


def _let_go(connection: Any) -> None:
    line = connection.socket
    try:
        _requested(connection.unbind)
    except DirectoryAway:
        return
    finally:
        if line is not None:  # of one that was never open the library lets nothing go
            line.close()


def _scope(
    table: Mapping[str, Iterable[str]], groups: frozenset[str], registered: set[str]
) -> frozenset[str] | None:
    """Return the granted registered ids; None (all) without a group table."""
    return granted(table, groups) & registered if table else None
