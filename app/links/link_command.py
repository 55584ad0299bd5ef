"""`thapcanh link`: invite a lower site, accept an upper one, list, share, end, verify."""

import argparse
import time
from datetime import UTC, datetime

from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.links.link_pictures import SitePictureRepository
from thapcanh.alerts.links.link_records import Link, LinkRefused, Sharing
from thapcanh.alerts.links.link_store import LinkOwner, LinkRepository
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.accounts.console import CommandFailed, at_the_archive, listed_names
from thapcanh.app.links.accepting import accept_link
from thapcanh.app.links.link_client import LinkUnreached
from thapcanh.app.process.terminal import console_user
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.messages.sentences import sentence
from thapcanh.config.site import Site


def run_link(options: argparse.Namespace) -> int:
    """`thapcanh link …`; returns the exit code."""
    return at_the_archive(options, _done)


def _done(archive: Archive, site: Site, options: argparse.Namespace) -> str:
    links, now = LinkRepository(archive.database), time.time()
    try:
        return _ACTIONS[options.action](links, site, options, now)
    except LinkRefused as refused:
        why = refused.detail or refused.why.value
        raise CommandFailed(sentence(refused.why.value, Language.EN, {"why": why})) from None
    except LinkUnreached as error:
        raise CommandFailed(f"the upper site is not reached: {error}") from None
    except ValueError as error:
        raise CommandFailed(str(error)) from None


def _actor() -> Actor:
    return Actor(username=console_user(), name=console_user(), role=Role.ADMIN)


def _invite(links: LinkRepository, site: Site, options: argparse.Namespace, now: float) -> str:
    agencies = listed_names(options.agency, {one.id for one in site.agencies}, "agency")
    areas = listed_names(options.area, {one.id for one in site.areas}, "area")
    owner = LinkOwner(agency=_only(agencies, "--agency"), area=_only(areas, "--area"))
    code = links.invite(_actor(), now, owner)
    return (
        f"code: {code}   (once, for ten minutes)\n"
        f"fingerprint of this site: {links.own_fingerprint()}\n"
        f"at the lower site: thapcanh link accept https://THIS-SITE {code}\n"
    )


def _only(names: frozenset[str] | None, option: str) -> str | None:
    if names is not None and len(names) > 1:
        raise CommandFailed(f"{option}: give one")
    return None if names is None else next(iter(names))


def _accept(links: LinkRepository, site: Site, options: argparse.Namespace, now: float) -> str:
    if len(options.words) != 2:
        raise CommandFailed("link accept URL CODE")
    url, code = options.words
    link = accept_link(links, site, _actor(), (url, code), now)
    return (
        f"{_line(link, now)}\nfingerprint of this site: {links.own_fingerprint()}\n"
        "compare both fingerprints with the other site, then choose: thapcanh link share\n"
    )


def _list(links: LinkRepository, site: Site, options: argparse.Namespace, now: float) -> str:
    del options
    own = f"this site\t{site.site.name}\t{links.own_fingerprint()}\n"
    return own + "".join(f"{_line(one, now)}\n" for one in links.all())


def _share(links: LinkRepository, site: Site, options: argparse.Namespace, now: float) -> str:
    link = links.one(_id(options))
    sharing = Sharing(
        kinds=_listed(options.kind, {one.value for one in IncidentKind}, "kind"),
        areas=_listed(options.area, {one.id for one in site.areas}, "area"),
        cameras=_listed(options.camera, {one.id for one in site.cameras}, "camera"),
        priority=options.priority,
        pictures=not options.no_pictures,
        film=options.film,
        pictures_an_hour=options.pictures_an_hour,
    )
    return f"{_line(links.share(_actor(), link.id, sharing, now), now)}\n"


def _listed(names: list[str], there: set[str], what: str) -> tuple[str, ...]:
    found = listed_names(names, there, what)
    return () if found is None else tuple(sorted(found))


def _end(links: LinkRepository, site: Site, options: argparse.Namespace, now: float) -> str:
    del site
    return f"{_line(links.end(_actor(), _id(options), now), now)}\n"


def _verify(links: LinkRepository, site: Site, options: argparse.Namespace, now: float) -> str:
    del site, options, now
    wrong = SitePictureRepository(links.database).wrong()
    if wrong:
        raise CommandFailed(f"not as their site signed them: {', '.join(wrong)}")
    return "every picture of a lower site is as that site signed it\n"


def _id(options: argparse.Namespace) -> str:
    if len(options.words) != 1:
        raise CommandFailed(f"link {options.action} LINK: name the link; see `link list`")
    return str(options.words[0])


def _line(link: Link, now: float) -> str:
    state = "up" if link.is_up(now) else "lost"
    if link.ended_at is not None:
        ended = datetime.fromtimestamp(link.ended_at, UTC)
        state = f"ended {ended:%Y-%m-%d %H:%M} by {link.ended_by}"
    shared = link.sharing
    return "\t".join(
        (
            link.id,
            link.peer.value,
            link.name,
            link.fingerprint,
            state,
            f"waiting={link.waiting}",
            f"kinds={','.join(shared.kinds) or '*'}",
            f"areas={','.join(shared.areas) or '*'}",
            f"cameras={','.join(shared.cameras) or '*'}",
            f"priority={shared.priority}",
            f"pictures={'yes' if shared.pictures else 'no'}",
            f"film={'on request' if shared.film else 'no'}",
        )
    )


_ACTIONS = {
    "invite": _invite,
    "accept": _accept,
    "list": _list,
    "share": _share,
    "end": _end,
    "verify": _verify,
}
