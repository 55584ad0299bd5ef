"""Invitations of lower sites: what proves one, and the sites above and below.

Takes the connection of a `Database.writing()` transaction, or one that reads.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.links import link_rows
from thapcanh.alerts.links.link_keys import ACCEPT_FORM, canonical, fingerprint, is_proof, is_signed
from thapcanh.alerts.links.link_records import (
    LEVELS,
    LinkRefused,
    PeerRole,
    SiteLinkRefusal,
    Tree,
)
from thapcanh.alerts.links.link_tables import link_invitation

_MOST_TRIES = 5
_LONGEST_NAME = 80


def invited(connection: sa.Connection, given: Mapping[str, Any], now: float) -> sa.Row[Any]:
    """Return the invitation whose code was proven."""
    query = sa.select(link_invitation).where(link_invitation.c.id == str(given.get("invitation")))
    found = connection.execute(query).one_or_none()
    if found is None or found.tries >= _MOST_TRIES:
        raise LinkRefused(SiteLinkRefusal.CODE_UNKNOWN)
    if found.used_at is not None:
        raise LinkRefused(SiteLinkRefusal.CODE_USED)
    if not found.made_at <= now <= found.expires_at:
        raise LinkRefused(SiteLinkRefusal.CODE_EXPIRED)
    stated = {name: value for name, value in given.items() if name not in ("proof", "sig")}
    if not is_proof(given.get("proof"), found.proof_key, stated):
        tried = sa.update(link_invitation).where(link_invitation.c.id == found.id)
        connection.execute(tried.values(tries=found.tries + 1))
        raise LinkRefused(SiteLinkRefusal.CODE_WRONG)
    return found


def introduced(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and key of a site that signed its introduction."""
    name, key, signature = (given.get(one) for one in ("site", "public_key", "sig"))
    if not (isinstance(name, str) and isinstance(key, str) and isinstance(signature, str)):
        raise LinkRefused(SiteLinkRefusal.UNREADABLE)
    stated = {one: value for one, value in given.items() if one not in ("proof", "sig")}
    if not is_signed(key, ACCEPT_FORM, canonical(stated), signature):
        raise LinkRefused(SiteLinkRefusal.SIGNATURE)
    return " ".join(name.split())[:_LONGEST_NAME] or "?", key


def check_new(
    connection: sa.Connection, own_key: str, public_key: str, name: str, below: Tree
) -> None:
    """Raise `LinkRefused` for a circle, too many levels, or a name that another site has."""
    above = tree_of(connection, PeerRole.UPPER)
    own = fingerprint(own_key)
    below_keys = {*below.keys, fingerprint(public_key)}
    if below_keys & {own, *above.keys}:
        raise LinkRefused(SiteLinkRefusal.CIRCLE)
    if above.levels + 1 + max(1, below.levels) > LEVELS:
        raise LinkRefused(SiteLinkRefusal.TOO_DEEP)
    for other in link_rows.live_links(connection):
        if other.public_key == public_key or other.name == name:
            raise LinkRefused(SiteLinkRefusal.NAME_TAKEN, other.name)


def tree_of(connection: sa.Connection, peer: PeerRole) -> Tree:
    """Return the sites above or below this one, without it."""
    found = link_rows.live_links(connection, peer)
    keys = {key for one in found for key in (one.fingerprint, *one.tree.keys)}
    return Tree(
        keys=tuple(sorted(keys)),
        levels=max((max(1, one.tree.levels) for one in found), default=0),
    )


def with_own(tree: Tree, own: str) -> Tree:
    """Return a tree with the site that states it."""
    return Tree(keys=(own, *tree.keys), levels=tree.levels + 1)
