"""The floods that can be chosen: what each does, how wide, and with whose cookies."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.doors import attacks, bursts
from benchmarks.doors.attacks import Attack


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """One flood; `prepare` makes what it sends, in the attackers' process."""

    what: str
    attack: Attack
    count: int
    by: str = "flooders"
    prepare: Callable[[], object] = attacks.nothing_yet


def floods(asked: argparse.Namespace) -> dict[str, Flood]:
    """Return every flood by its name, as wide as it was asked for."""
    logins, sockets = asked.logins, asked.sockets
    by_accounts = f"{asked.accounts} accounts of another agency, {asked.parallel} requests each"
    return {
        "nothing": Flood(what="nothing", attack=attacks.nothing, count=0),
        "logins": Flood(
            what=f"{logins} parallel logins, new names", attack=attacks.logins, count=logins
        ),
        "bodies": Flood(
            what=f"{sockets} sockets, a body byte every 8 s", attack=attacks.bodies, count=sockets
        ),
        "crowd": Flood(
            what=f"{asked.crowd} sockets of {attacks.ADDRESSES} addresses, a body byte every 8 s",
            attack=attacks.crowd,
            count=asked.crowd,
        ),
        "workbooks": Flood(
            what=f"{asked.workbooks} workbooks of 300,000 empty rows of one technician",
            attack=attacks.workbooks,
            count=asked.workbooks,
            by="technicians",
        ),
        "heads": Flood(
            what=f"{sockets} sockets, a head byte every 8 s", attack=attacks.heads, count=sockets
        ),
        "accounts": Flood(what=by_accounts, attack=attacks.accounts, count=asked.parallel),
        **_bursts(asked),
    }


def _bursts(asked: argparse.Namespace) -> dict[str, Flood]:
    wide, silent = asked.streams, asked.silent
    return {
        "streams": Flood(
            what=f"{wide} streams without a cookie, again and again",
            attack=bursts.anonymous_streams,
            count=wide,
        ),
        "cookies": Flood(
            what=f"{wide} invented cookies, again and again",
            attack=bursts.invented_cookies,
            count=wide,
        ),
        "viewer": Flood(
            what=f"{wide} streams of one viewer's account, again and again",
            attack=bursts.streams_of_accounts,
            count=wide,
            by="viewers",
        ),
        "agency": Flood(
            what=f"2,100 streams of {asked.accounts} accounts of one agency",
            attack=bursts.streams_of_accounts,
            count=2100,
        ),
        "begins": Flood(
            what="620 logins by the provider, begun again and again",
            attack=bursts.begun_logins,
            count=620,
        ),
        "pairings": Flood(
            what="pairings from 60 addresses, again and again", attack=bursts.pairings, count=60
        ),
        "units": Flood(
            what=f"{silent} silent connections to the units' port",
            attack=bursts.silent_units,
            count=silent,
        ),
        "panels": Flood(
            what=f"{silent} silent connections to the panels' port",
            attack=bursts.silent_panels,
            count=silent,
        ),
        "photos": Flood(
            what="6 trickled photos of three addresses", attack=bursts.slow_photos, count=6
        ),
        "films": Flood(
            what="one caller's unreadable films, 2 at once",
            attack=bursts.unreadable_films,
            count=2,
            prepare=bursts.broken_film,
        ),
        "pictures": Flood(
            what="one caller's pictures of 156 megapixels, 2 at once",
            attack=bursts.vast_pictures,
            count=2,
            prepare=bursts.vast_picture,
        ),
    }
