"""Login by a directory (LDAP): name and password in, an account out.

The account is looked up, then bound as with the password that was typed, over TLS whose certificate
is checked. It is kept as `ldap:NAME`, brought up to date at each login, and has no password here.
Groups give roles, agencies and areas. Called in threads; bounded by the directory's `timeout_s`.
"""

import math
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from alerts.accounts.account_records import User
from alerts.lifecycle.archive import Archive
from alerts.store.roles import DataFilter, Role
from app.web_api.access.credentials import username_of
from app.web_api.access.lost_rights import let_in_no_more
from app.web_api.access.oidc_provider import CircuitBreaker
from config.servers.ldap import LdapConfig
from config.site import Site
from ingest.address_guard import AddressRefused, servers

PREFIX = "ldap:"  # no local account's name holds a colon
_LONGEST_NAME = 80
_MEMBER_OF = "memberOf"
_DISABLED_BIT = 2  # of Active Directory's userAccountControl
_LOCKS = ("nsAccountLock", "pwdAccountLockedTime")
_NO_ANSWER = frozenset({51, 52, 80})  # busy, unavailable, other: nothing about the password
_NAME = re.compile(r"^[a-z0-9][a-z0-9._@-]{0,60}$")
_STATE = ("userAccountControl", *_LOCKS)


class DirectoryAway(Exception):
    """Nobody says whether the password is right; the message is for the log, without secrets."""


Connect = Callable[[LdapConfig, str, str, str], Any]
"""A directory, its judged address, a name and its password: a connection that is not bound yet."""


def connect(config: LdapConfig, address: str, name: str, password: str) -> Any:
    """A connection with TLS. Raises `DirectoryAway` without its library."""
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
        self._connect = connect
        self._utc = utc
        self._monotonic = monotonic
        self._breaker = CircuitBreaker()
        self._lock = threading.Lock()

    @property
    def is_asked(self) -> bool:
        """Whether there is one."""
        return self._site().ldap.url is not None

    def account(self, username: str, password: str) -> User | None:
        """The account whose password this is, kept; None where it is wrong or has no role here.

        Raises `DirectoryAway`.
        """
        named = username.removeprefix(PREFIX)
        if not self.is_asked or not _NAME.match(named):
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
        account = None if found is None else self._account(found)
        if account is not None:
            self._archive.save_user(account)
        elif found is not None:
            let_in_no_more(self._archive, PREFIX + str(found["username"]), self._utc())
        return account

    def again(self, usernames: Iterable[str]) -> Iterator[tuple[str, User | None]]:
        """Each account as the directory has it now; None where it has no right to be here any more.

        Nobody's password is asked for. Raises `DirectoryAway`.
        """
        with self._reading() as (reader, config, _):
            for username in usernames:
                named = username.removeprefix(PREFIX)
                found = _asked(partial(_entry, reader, config, named))
                account = None if found is None else self._account(found)
                is_same = account is not None and account.username == username
                yield username, account if is_same else None

    def _proved(self, named: str, password: str) -> Mapping[str, Any] | None:
        """What the directory says of the account, once it took the password."""
        with self._reading() as (reader, config, address):
            found: Mapping[str, Any] | None = _asked(partial(_entry, reader, config, named))
            if found is None:
                return None
            own = self._opened(config, address, str(found["dn"]), password)
            if own is None:
                return None
            _let_go(own)
            return found

    @contextmanager
    def _reading(self) -> Iterator[tuple[Any, LdapConfig, str]]:
        """A connection of who looks accounts up, with the configuration and address it is of."""
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
        """A bound connection; None where the directory refuses the login."""
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
            is_right = _asked(bound)
        except DirectoryAway:
            _let_go(made)
            raise
        if not is_right:
            _let_go(made)
        return made if is_right else None

    def _account(self, found: Mapping[str, Any]) -> User | None:
        named = str(found["username"])  # as it stands there: however it was typed it is one account
        if not _NAME.match(named):
            return None
        site = self._site()
        config, groups = site.ldap, frozenset(map(_folded, found["groups"]))
        roles = frozenset(Role(one) for one in _granted(config.roles, groups))
        before = self._archive.user(PREFIX + named)
        if not roles or found["disabled"] or (before is not None and before.disabled):
            return None
        return User(
            username=PREFIX + named,
            name="".join(one for one in found["name"] if one.isprintable())[:_LONGEST_NAME]
            or named,
            roles=roles,
            locale=before.locale if before else site.site.locale,
            password_hash="",  # matches no password
            scope=DataFilter(
                agencies=_scope(config.agencies, groups, {one.id for one in site.agencies}),
                areas=_scope(config.areas, groups, {one.id for one in site.areas}),
            ),
            created_at=before.created_at if before else self._utc(),
        )


def _asked(question: Callable[[], Any]) -> Any:
    """Ask; raise `DirectoryAway` where nobody answers."""
    from ldap3.core.exceptions import LDAPException

    try:
        return question()
    except (LDAPException, OSError) as error:
        words = " ".join(str(error).split())[:200]
        raise DirectoryAway(f"no answer: {words or type(error).__name__}") from None


def _let_go(connection: Any) -> None:
    line = connection.socket
    try:
        _asked(connection.unbind)
    except DirectoryAway:
        return
    finally:
        if line is not None:  # of one that was never open the library lets nothing go
            line.close()


def _entry(reader: Any, config: LdapConfig, named: str) -> Mapping[str, Any] | None:
    """The one account of this name; None where there is none, or are several."""
    from ldap3.utils.conv import escape_filter_chars

    wanted = f"({config.username_attribute}={escape_filter_chars(named)})"
    attributes = [config.username_attribute, config.name_attribute, _MEMBER_OF, *_STATE]
    found = _search(reader, config.base, wanted, attributes)
    if len(found) != 1:
        return None
    dn, facts = found[0]["dn"], found[0]["attributes"]
    groups = set(_texts(facts.get(_MEMBER_OF)))
    if config.group_base is not None:
        member = escape_filter_chars(dn)
        mine = (
            f"(|(member={member})(uniqueMember={member})(memberUid={escape_filter_chars(named)}))"
        )
        groups |= {one["dn"] for one in _search(reader, config.group_base, mine, ["cn"])}
    own_name = next(iter(_texts(facts.get(config.username_attribute))), "")
    return {
        "dn": dn,
        "username": username_of(own_name),
        "name": next(iter(_texts(facts.get(config.name_attribute))), named),
        "groups": groups,
        "disabled": _is_disabled(facts),
    }


def _search(reader: Any, base: str, wanted: str, attributes: list[str]) -> list[Mapping[str, Any]]:
    reader.search(base, wanted, attributes=attributes, size_limit=1000)
    return [one for one in reader.response or () if one.get("type") == "searchResEntry"]


def _is_disabled(facts: Mapping[str, Any]) -> bool:
    control = next(iter(_texts(facts.get("userAccountControl"))), "0")
    is_off = control.lstrip("-").isdigit() and bool(int(control) & _DISABLED_BIT)
    locks = [one.lower() for name in _LOCKS for one in _texts(facts.get(name))]
    return is_off or any(one not in ("", "false") for one in locks)


def _texts(value: Any) -> list[str]:
    """One value or several, as texts."""
    values = value if isinstance(value, list | tuple | set) else [value]
    return [
        one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
        for one in values
        if one not in (None, "", b"")
    ]


def _folded(dn: str) -> str:
    """A group's name as it is compared: letters of any size, no spaces around its parts."""
    return ",".join(part.strip() for part in dn.lower().split(","))


def _granted(table: Mapping[str, Iterable[str]], groups: frozenset[str]) -> set[str]:
    """What the groups give; a group is named by its DN, or by its `cn` alone."""
    short = {one.split(",", 1)[0].removeprefix("cn=") for one in groups if one.startswith("cn=")}
    held = groups | short
    return {each for name, given in table.items() if _folded(name) in held for each in given}


def _scope(
    table: Mapping[str, Iterable[str]], groups: frozenset[str], known: set[str]
) -> frozenset[str] | None:
    """Everything where no group decides; else what is given and known."""
    return frozenset(_granted(table, groups)) & known if table else None
