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

from thapcanh.config.servers.login_providers import LdapConfig

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

    search_filter = f"({config.username_attribute}={escape_filter_chars(named)})"
    ids = IDS if config.id_attribute is None else (config.id_attribute,)
    attributes = [config.username_attribute, config.name_attribute, _MEMBER_OF, *_STATE, *ids]
    found = _search(reader, config.base, search_filter, attributes)
    if len(found) != 1:
        return None
    dn, facts = found[0]["dn"], found[0]["attributes"]
    groups = set(_texts(facts.get(_MEMBER_OF)))
    if config.group_base is not None:
        member = escape_filter_chars(dn)
        entry = (
            f"(|(member={member})(uniqueMember={member})(memberUid={escape_filter_chars(named)}))"
        )
        groups |= {item["dn"] for item in _search(reader, config.group_base, entry, ["cn"])}
    display_name = next(iter(_texts(facts.get(config.name_attribute))), named)
    return DirectoryEntry(
        dn=str(dn),
        username=next(iter(_texts(facts.get(config.username_attribute))), "").strip(),
        name="".join(item for item in display_name if item.isprintable())[:_LONGEST_NAME] or named,
        groups=frozenset(map(_folded, groups)),
        ids=_ids(found[0]["raw_attributes"], ids),
        is_disabled=_is_disabled(facts),
    )


def granted(table: Mapping[str, Iterable[str]], groups: frozenset[str]) -> frozenset[str]:
    """Return what the groups grant; a group is named by DN or `cn`."""
    short = {item.split(",", 1)[0].removeprefix("cn=") for item in groups if item.startswith("cn=")}
    held = groups | short
    return frozenset(
        each for name, granted_ids in table.items() if _folded(name) in held for each in granted_ids
    )


def _ids(raw: Mapping[str, Any], attributes: Iterable[str]) -> dict[str, str]:
    """Return the identifying values; attribute names ignore case."""
    served = {name.lower(): values for name, values in raw.items()}
    found = {name: list(served.get(name.lower()) or []) for name in attributes}
    texts = {name: _id_text(name, item[0]) for name, item in found.items() if len(item) == 1}
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


def _search(
    reader: Any, base: str, search_filter: str, attributes: list[str]
) -> list[Mapping[str, Any]]:
    reader.search(base, search_filter, attributes=attributes, size_limit=1000)
    return [item for item in reader.response or () if item.get("type") == "searchResEntry"]


def _is_disabled(facts: Mapping[str, Any]) -> bool:
    control = next(iter(_texts(facts.get("userAccountControl"))), "0")
    is_off = control.lstrip("-").isdigit() and bool(int(control) & _DISABLED_BIT)
    locks = [item.lower() for name in _LOCKS for item in _texts(facts.get(name))]
    return is_off or any(item not in ("", "false") for item in locks)


def _texts(value: Any) -> list[str]:
    """Return one or several values as texts."""
    values = value if isinstance(value, list | tuple | set) else [value]
    return [
        item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
        for item in values
        if item not in (None, "", b"")
    ]


def _folded(dn: str) -> str:
    """Return a group name for comparison: lower case, without spaces around its parts."""
    return ",".join(part.strip() for part in dn.lower().split(","))
