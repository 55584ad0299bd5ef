"""Repository of links: invited, accepted, shared, ended. Thread-safe; raises `LinkRefused`.

The upper site invites with a code; the lower one proves that it knows the code, and both learn each
other's key. Every act is in the log of each site.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.links import link_rows
from thapcanh.alerts.links.invitations import (
    check_new,
    introduced,
    invited,
    tree_of,
    with_own,
)
from thapcanh.alerts.links.link_keys import (
    ACCEPT_FORM,
    as_text,
    canonical,
    fingerprint,
    invitation_id,
    is_proof,
    new_code,
    proof,
    proof_key,
    site_key,
)
from thapcanh.alerts.links.link_records import (
    Link,
    LinkItem,
    LinkRefused,
    PeerRole,
    Sharing,
    SiteLinkRefusal,
    Tree,
)
from thapcanh.alerts.links.link_tables import link_invitation, link_item, link_state, site_link
from thapcanh.alerts.store.audit_log import add_act
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.outbox.outbox import outbox_event
from thapcanh.alerts.store.roles import Actor, Role

CODE_LASTS_S = 600.0
SITE = "site:"
"""Before the name of another site, where the log names who acted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOwner:
    """Whose another site's incidents are here; None is the whole site's."""

    agency: str | None = None
    area: str | None = None


ANYBODY = LinkOwner()


class LinkRepository:
    """Links of one site."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @property
    def database(self) -> Database:
        return self._db

    def all(self) -> list[Link]:
        with self._db.reading() as connection:
            return link_rows.links(connection)

    def live(self, peer: PeerRole | None = None) -> list[Link]:
        with self._db.reading() as connection:
            return link_rows.live_links(connection, peer)

    def one(self, link_id: str) -> Link:
        """Return a link. Raise `LinkRefused` if there is none."""
        with self._db.reading() as connection:
            return _existing(connection, link_id)

    def own_fingerprint(self) -> str | None:
        """Return this site's fingerprint; None without a key."""
        key = self._db.log_key
        return None if key is None else fingerprint(as_text(key.public))

    def invite(self, actor: Actor, now: float, owner: LinkOwner = ANYBODY) -> str:
        """Return a code for one lower site, for ten minutes."""
        site_key(self._db)
        code = new_code()
        values = {
            "id": invitation_id(code),
            "proof_key": proof_key(code),
            "agency": owner.agency,
            "area": owner.area,
            "made_by": actor.username,
            "made_at": now,
            "expires_at": now + CODE_LASTS_S,
            "tries": 0,
        }
        with self._db.writing() as connection:
            same = link_invitation.c.id == values["id"]
            over = link_invitation.c.expires_at < now - CODE_LASTS_S
            connection.execute(sa.delete(link_invitation).where(same | over))
            connection.execute(sa.insert(link_invitation).values(values))
            add_act(connection, actor, ("link_invited", str(values["id"])), now)
        return code

    def acceptance(self, code: str, site_name: str) -> dict[str, Any]:
        """Return what the lower site sends to accept an invitation."""
        with self._db.reading() as connection:
            below = tree_of(connection, PeerRole.LOWER)
            if link_rows.live_links(connection, PeerRole.UPPER):
                raise LinkRefused(SiteLinkRefusal.HAS_UPPER)
        stated = self._introduction(site_name, below) | {"invitation": invitation_id(code)}
        return self._proven(stated, proof_key(code))

    def answer(self, given: Mapping[str, Any], site_name: str, now: float) -> dict[str, Any]:
        """Accept a lower site at the upper one; return what the upper one answers.

        A code that was not proven is counted, and void after some tries.
        """
        refused: LinkRefused | None = None
        with self._db.writing() as connection:
            try:
                found = invited(connection, given, now)
                name, public_key = introduced(given)
                key, tree = as_text(site_key(self._db).public), Tree.read(given.get("below"))
                check_new(connection, key, public_key, name, tree)
            except LinkRefused as error:  # that it was tried is kept
                refused = error
            else:
                link_id = str(uuid7())
                used = sa.update(link_invitation).where(link_invitation.c.id == found.id)
                connection.execute(used.values(used_at=now))
                values = _values(link_id, PeerRole.LOWER, (name, public_key), found.made_by, now)
                values |= {"agency": found.agency, "area": found.area}
                _add(connection, values, tree, now)
                above = tree_of(connection, PeerRole.UPPER)
        if refused is not None:
            raise refused
        stated = self._introduction(site_name, above) | {"link": link_id}
        return self._proven(stated, found.proof_key)

    def add_upper(
        self, actor: Actor, url: str, code: str, answered: Mapping[str, Any], now: float
    ) -> Link:
        """Add the upper site that answered at the lower one. Raise `LinkRefused`."""
        key = proof_key(code)
        name, public_key = introduced(answered)
        stated = {one: value for one, value in answered.items() if one not in ("proof", "sig")}
        link_id = answered.get("link")
        if not is_proof(answered.get("proof"), key, stated) or not isinstance(link_id, str):
            raise LinkRefused(SiteLinkRefusal.CODE_WRONG, "the other site did not know the code")
        own = as_text(site_key(self._db).public)
        with self._db.writing() as connection:
            if link_rows.live_links(connection, PeerRole.UPPER):
                raise LinkRefused(SiteLinkRefusal.HAS_UPPER)
            if (
                public_key == own
                or fingerprint(public_key) in tree_of(connection, PeerRole.LOWER).keys
            ):
                raise LinkRefused(SiteLinkRefusal.CIRCLE)
            values = _values(link_id, PeerRole.UPPER, (name, public_key), actor.username, now)
            tree = Tree.read(answered.get("above"))
            _add(connection, values | {"url": url}, tree, now, actor)
            return _existing(connection, link_id)

    def share(self, actor: Actor, link_id: str, sharing: Sharing, now: float) -> Link:
        """Set what goes up; the lower site's alone. The upper one is told."""
        with self._db.writing() as connection:
            found = _live(connection, link_id)
            if found.peer is not PeerRole.UPPER:
                raise LinkRefused(SiteLinkRefusal.NOT_YOURS)
            sharing = replace(sharing, changed_at=now)
            set_sharing(connection, found, sharing)
            item = LinkItem(
                seq=0,
                subject="sharing",
                kind=link_rows.SHARING,
                at=now,
                data=json.loads(sharing.column()),
            )
            link_rows.put_item(connection, link_id, item, replaces=True)
            details = {"site": found.name, "sharing": json.loads(sharing.column())}
            add_act(connection, actor, ("link_shared", link_id), now, details)
            return _existing(connection, link_id)

    def end(self, actor: Actor | None, link_id: str, now: float) -> Link:
        """End a link; None is the other site, which ended it."""
        with self._db.writing() as connection:
            found = _existing(connection, link_id)
            if found.ended_at is None:
                end_link(connection, found, actor, now)
            return _existing(connection, link_id)

    def trees(self) -> tuple[Tree, Tree]:
        """Return this site's trees above and below, itself in each."""
        with self._db.reading() as connection:
            own = self._own_fingerprint()
            return tuple(  # type: ignore[return-value]
                with_own(tree_of(connection, peer), own)
                for peer in (PeerRole.UPPER, PeerRole.LOWER)
            )

    def _own_fingerprint(self) -> str:
        return fingerprint(as_text(site_key(self._db).public))

    def _introduction(self, site_name: str, tree: Tree) -> dict[str, Any]:
        """Return what a site says of itself, with the trees of both sides under one name."""
        key = as_text(site_key(self._db).public)
        stated = with_own(tree, fingerprint(key)).stated()
        return {"site": site_name, "public_key": key, "below": stated, "above": stated}

    def _proven(self, stated: dict[str, Any], key: str) -> dict[str, Any]:
        signature = site_key(self._db).sign(ACCEPT_FORM, canonical(stated))
        return stated | {"proof": proof(key, stated), "sig": signature}


def set_sharing(connection: sa.Connection, found: Link, sharing: Sharing) -> None:
    matching = sa.update(site_link).where(site_link.c.id == found.id)
    connection.execute(matching.values(sharing=sharing.column()))


def end_link(connection: sa.Connection, found: Link, actor: Actor | None, now: float) -> None:
    """End a link; what waits on it is dropped."""
    by = found.name if actor is None else actor.username
    matching = sa.update(site_link).where(site_link.c.id == found.id)
    connection.execute(matching.values(ended_at=now, ended_by=by))
    connection.execute(sa.delete(link_item).where(link_item.c.link_id == found.id))
    link_rows.update_state(connection, found.id, is_end_sent=actor is None)
    details = {"site": found.name, "by_other_site": actor is None}
    add_act(connection, actor or site_actor(found.name), ("link_ended", found.id), now, details)


def site_actor(name: str) -> Actor:
    """Return the actor of what another site did."""
    return Actor(username=f"{SITE}{name}", name=name, role=Role.AGENCY)


def _existing(connection: sa.Connection, link_id: str) -> Link:
    found = link_rows.one_link(connection, link_id)
    if found is None:
        raise LinkRefused(SiteLinkRefusal.UNKNOWN)
    return found


def _live(connection: sa.Connection, link_id: str) -> Link:
    found = _existing(connection, link_id)
    if found.ended_at is not None:
        raise LinkRefused(SiteLinkRefusal.ENDED)
    return found


def _values(
    link_id: str, peer: PeerRole, site: tuple[str, str], made_by: str, now: float
) -> dict[str, Any]:
    return {
        "id": link_id,
        "peer": peer.value,
        "name": site[0],
        "public_key": site[1],
        "sharing": Sharing().column(),
        "made_at": now,
        "made_by": made_by,
    }


def _add(
    connection: sa.Connection,
    values: Mapping[str, Any],
    tree: Tree,
    now: float,
    actor: Actor | None = None,
) -> None:
    """Add a link; only what happens from now on goes over it."""
    connection.execute(sa.insert(site_link).values(values))
    newest = connection.execute(sa.select(sa.func.max(outbox_event.c.seq))).scalar_one()
    connection.execute(
        sa.insert(link_state).values(
            link_id=values["id"],
            outbox_seq=newest or 0,
            contact_at=now,
            tree=json.dumps(tree.stated()),
            held_pictures=0,
            is_end_sent=False,
        )
    )
    details = {
        "site": values["name"],
        "peer": values["peer"],
        "fingerprint": fingerprint(values["public_key"]),
    }
    by = actor or site_actor(values["name"])
    add_act(connection, by, ("link_made", values["id"]), now, details)
