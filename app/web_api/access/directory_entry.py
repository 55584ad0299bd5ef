"""Directory entry of an account, read with the attributes that the server has.

The first single-valued attribute of `IDS` identifies the entry: of RFC 4530 (OpenLDAP, OpenDJ,
ApacheDS), Active Directory and Samba, 389 and Oracle, FreeIPA, IBM, Oracle Internet Directory,
eDirectory. Servers never reuse such a value or let users write it.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from thapcanh.config.servers.ldap import LdapConfig

NAME = re.compile(r"^[a-z0-9][a-z0-9._@-]{0,60}$")
IDS = (
    "entryUUID", "objectGUID", "nsUniqueId", "ipaUniqueID", "ibm-entryUUID", "orclGUID", "GUID",
)  # fmt: skip
_LITTLE_ENDIAN = "objectguid"
_LONGEST_NAME = 80
_LONGEST_ID = 255
_MEMBER_OF = "memberOf"
_DISABLED_BIT = 2  # of Active Directory's userAccountControl
_LOCKS = ("nsAccountLock", "pwdAccountLockedTime")
_STATE = ("userAccountControl", *_LOCKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """A directory's data of one account; `ids` by attribute, best first."""

    dn: str
    username: str  # as it stands there: however it was typed it is one account
    name: str
    groups: frozenset[str]
    ids: Mapping[str, str]
    is_disabled: bool


def find_entry(reader: Any, config: LdapConfig, named: str) -> DirectoryEntry | None:
    """Return the only account of this name, else None."""
    from ldap3.utils.conv import escape_filter_chars

    wanted = f"({config.username_attribute}={escape_filter_chars(named)})"
    ids = IDS if config.id_attribute is None else (config.id_attribute,)
    attributes = [config.username_attribute, config.name_attribute, _MEMBER_OF, *_STATE, *ids]
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
    said_name = next(iter(_texts(facts.get(config.name_attribute))), named)
    return DirectoryEntry(
        dn=str(dn),
        username=next(iter(_texts(facts.get(config.username_attribute))), "").strip(),
        name="".join(one for one in said_name if one.isprintable())[:_LONGEST_NAME] or named,
        groups=frozenset(map(_folded, groups)),
        ids=_ids(found[0]["raw_attributes"], ids),
        is_disabled=_is_disabled(facts),
    )


def granted(table: Mapping[str, Iterable[str]], groups: frozenset[str]) -> frozenset[str]:
    """Return what the groups grant; a group is named by DN or `cn`."""
    short = {one.split(",", 1)[0].removeprefix("cn=") for one in groups if one.startswith("cn=")}
    held = groups | short
    return frozenset(
        each for name, given in table.items() if _folded(name) in held for each in given
    )


def _ids(raw: Mapping[str, Any], attributes: Iterable[str]) -> dict[str, str]:
    """Return the identifying values; attribute names ignore case."""
    served = {name.lower(): values for name, values in raw.items()}
    found = {name: list(served.get(name.lower()) or []) for name in attributes}
    texts = {name: _id_text(name, one[0]) for name, one in found.items() if len(one) == 1}
    return {name: text for name, text in texts.items() if 0 < len(text) <= _LONGEST_ID}


def _id_text(attribute: str, value: bytes | str) -> str:
    """Return a canonical text: lower-case UUIDs, hexadecimal for binary values."""
    octets = value.encode() if isinstance(value, str) else bytes(value)
    if attribute.lower() == _LITTLE_ENDIAN and len(octets) == 16:
        return str(uuid.UUID(bytes_le=octets))  # as Active Directory's own tools show it
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return octets.hex()
    if not text.isprintable():
        return octets.hex()
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return text


def _search(reader: Any, base: str, wanted: str, attributes: list[str]) -> list[Mapping[str, Any]]:
    reader.search(base, wanted, attributes=attributes, size_limit=1000)
    return [one for one in reader.response or () if one.get("type") == "searchResEntry"]


def _is_disabled(facts: Mapping[str, Any]) -> bool:
    control = next(iter(_texts(facts.get("userAccountControl"))), "0")
    is_off = control.lstrip("-").isdigit() and bool(int(control) & _DISABLED_BIT)
    locks = [one.lower() for name in _LOCKS for one in _texts(facts.get(name))]
    return is_off or any(one not in ("", "false") for one in locks)


def _texts(value: Any) -> list[str]:
    """Return one or several values as texts."""
    values = value if isinstance(value, list | tuple | set) else [value]
    return [
        one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
        for one in values
        if one not in (None, "", b"")
    ]


def _folded(dn: str) -> str:
    """Return a group name for comparison: lower case, without spaces around its parts."""
    return ",".join(part.strip() for part in dn.lower().split(","))
