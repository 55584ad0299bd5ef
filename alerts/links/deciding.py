"""Which of two sites decides an incident; what the other one does is a proposal.

The lower site decides until it asks for help or the upper one takes over. Without a line each works
alone; afterwards the incident is as the deciding site says.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.incidents.incident_commands import results
from thapcanh.alerts.incidents.incident_state import (
    Disposition,
    IncidentAction,
    IncidentReason,
    MemberType,
)
from thapcanh.alerts.incidents.incident_tables import incident_member
from thapcanh.alerts.incidents.incident_views import one_incident
from thapcanh.alerts.incidents.incident_writing import IncidentAct, record
from thapcanh.alerts.incidents.records import IncidentRequest, IncidentResult
from thapcanh.alerts.links import link_rows, reports
from thapcanh.alerts.links.following_sites import note
from thapcanh.alerts.links.link_records import (
    LinkedIncident,
    LinkItem,
    LinkRefused,
    PeerRole,
    SiteLinkRefusal,
)
from thapcanh.alerts.store.audit_log import add_act
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.idempotent import digest_of, earlier_answer, remember
from thapcanh.alerts.store.roles import Actor

_DECIDES = frozenset(
    {
        IncidentAction.ASSESS,
        IncidentAction.DISPATCH,
        IncidentAction.CLOSE,
        IncidentAction.REOPEN,
        IncidentAction.CORRECT,
    }
)
_WORDS = {
    IncidentAction.ASSESS: "xác nhận vụ việc",
    IncidentAction.DISPATCH: "điều lực lượng",
    IncidentAction.STEP: "ghi bước xử lý",
    IncidentAction.CLOSE: "kết thúc vụ việc",
    IncidentAction.REOPEN: "mở lại vụ việc",
    IncidentAction.CORRECT: "sửa kết quả",
    IncidentAction.JUDGE: "nhận định nguồn tin",
}


def proposed(
    connection: sa.Connection, wanted: IncidentRequest, now: float
) -> IncidentResult | None:
    """Send an act to the site that decides; None where it is this site's own to carry out.

    Without a line the act is this site's own, and what it was is told afterwards.
    """
    linked_to = link_rows.of_incident(connection, wanted.incident_id)
    if not linked_to or not _is_decision(wanted):
        return None
    username, key, digest = wanted.actor.username, wanted.idempotency_key, digest_of(wanted)
    earlier = earlier_answer(connection, username, key, digest)
    if earlier is not None:
        return replace(results().validate_json(earlier), replayed=True)
    elsewhere = [one for one in linked_to if not one.we_decide]
    if not elsewhere:
        return None
    linked = elsewhere[0]
    link = link_rows.one_link(connection, linked.link_id)
    if link is None or not link.is_up(now):
        link_rows.update_linked(connection, linked, {"alone_at": now})
        return None
    shown = one_incident(connection, wanted.incident_id, wanted.actor.scope)
    if shown is None:
        return None  # the command itself says that it is unknown
    words = words_of(wanted)
    _send(connection, linked, link_rows.PROPOSAL, _proposal(wanted, words), now)
    note(connection, linked, f"Đã gửi {linked.site} đề nghị: {words}", now, wanted.actor)
    act = IncidentAct(
        incident_id=wanted.incident_id,
        why=IncidentReason.PROPOSED,
        now=now,
        by=wanted.actor,
        note=wanted.note,
        details={"site": linked.site, "action": wanted.action.value},
    )
    record(connection, act, {})
    result = IncidentResult(
        outcome=CommandOutcome.DONE,
        why=IncidentReason.PROPOSED,
        incident=one_incident(connection, wanted.incident_id, wanted.actor.scope),
    )
    remember(connection, username, {key: (digest, results().dump_json(result).decode())}, now)
    return result


def _is_decision(wanted: IncidentRequest) -> bool:
    """Return whether an act decides; a unit's own report and one's own camera's verdict do not."""
    if wanted.action is IncidentAction.STEP:
        return wanted.unit_id is None
    if wanted.action is IncidentAction.JUDGE:
        return wanted.member_type is MemberType.SITE
    return wanted.action in _DECIDES


def words_of(wanted: IncidentRequest) -> str:
    """Return an act in officers' words."""
    told = [one.service or one.unit_id or "" for one in wanted.told]
    ends = {one.value for one in Disposition}
    end = reports.state_words({"disposition": wanted.disposition})
    parts = (
        _WORDS[wanted.action],
        end if wanted.disposition in ends else "",
        ", ".join(told),
        wanted.note or "",
    )
    return " · ".join(part for part in parts if part)


def _proposal(wanted: IncidentRequest, words: str) -> dict[str, Any]:
    return {
        "action": wanted.action.value,
        "words": words,
        "disposition": wanted.disposition,
        "note": wanted.note,
    }


def _send(
    connection: sa.Connection,
    linked: LinkedIncident,
    kind: str,
    data: Mapping[str, Any],
    now: float,
) -> None:
    item = LinkItem(
        seq=0, subject=link_rows.subject_of(linked.remote_id), kind=kind, at=now, data=data
    )
    link_rows.put_item(connection, linked.link_id, item)


def receive_act(
    connection: sa.Connection, linked: LinkedIncident, item: LinkItem, now: float
) -> None:
    """Show another site's proposal, let go or take over; a later version's act is shown as text."""
    words = reports.text(item.data.get("words"))
    match item.kind:
        case link_rows.PROPOSAL:
            note(connection, linked, f"{linked.site} đề nghị: {words}", now)
            _pass_on(connection, linked, item, now)
        case link_rows.HELP if linked.peer is PeerRole.LOWER:
            _decide(connection, linked, now, help_at=now)
            note(connection, linked, f"{linked.site} xin chi viện. {words}".strip(), now)
            _ring(connection, linked, now)
        case link_rows.TAKE_OVER if linked.peer is PeerRole.UPPER:
            _decide(connection, linked, now)
            note(connection, linked, f"{linked.site} nhận chỉ huy. {words}".strip(), now)
        case link_rows.HELP | link_rows.TAKE_OVER:
            raise LinkRefused(SiteLinkRefusal.NOT_YOURS)
        case _:
            unknown = f"{linked.site}: {reports.text(item.kind)} · {reports.text(item.data)}"
            note(connection, linked, unknown, now)


def _pass_on(connection: sa.Connection, linked: LinkedIncident, item: LinkItem, now: float) -> None:
    """Send a proposal on to the site that decides, if that is a third one."""
    for other in link_rows.of_incident(connection, linked.incident_id):
        if other.link_id != linked.link_id and not other.we_decide:
            words = f"{linked.site}: {reports.text(item.data.get('words'))}"
            _send(connection, other, link_rows.PROPOSAL, {**item.data, "words": words}, now)


def _decide(
    connection: sa.Connection, linked: LinkedIncident, now: float, help_at: float | None = None
) -> None:
    """Let the upper site decide; below this one, too."""
    values = {"decides": PeerRole.UPPER.value, "decided_at": now}
    if help_at is not None:
        values["help_at"] = help_at
    link_rows.update_linked(connection, linked, values | {"sent": "{}"})
    if linked.peer is PeerRole.LOWER:
        return
    for below in link_rows.of_incident(connection, linked.incident_id):
        if below.peer is PeerRole.LOWER and not below.we_decide:
            _send(connection, below, link_rows.TAKE_OVER, {"words": ""}, now)
            _decide(connection, below, now)


def _ring(connection: sa.Connection, linked: LinkedIncident, now: float) -> None:
    """Let the row wait again until somebody has seen that help is asked for."""
    matching = (
        incident_member.c.incident_id == linked.incident_id,
        incident_member.c.type == MemberType.SITE.value,
        incident_member.c.member_id == link_rows.source_id(linked.link_id, linked.remote_id),
        incident_member.c.left_at.is_(None),
    )
    connection.execute(sa.update(incident_member).where(*matching).values(unseen_since=now))


class DecidingRepository:
    """Acts of officers on who decides; thread-safe. Raises `LinkRefused`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of_incident(self, incident_id: str) -> list[LinkedIncident]:
        with self._db.reading() as connection:
            return link_rows.of_incident(connection, incident_id)

    def ask_for_help(
        self, actor: Actor, incident_id: str, words: str, now: float
    ) -> LinkedIncident:
        """Ask the upper site for help: it decides from here on."""
        return self._hand(actor, incident_id, PeerRole.UPPER, words, now)

    def take_over(self, actor: Actor, incident_id: str, words: str, now: float) -> LinkedIncident:
        """Take over from the lower site at the upper one."""
        return self._hand(actor, incident_id, PeerRole.LOWER, words, now)

    def _hand(
        self, actor: Actor, incident_id: str, peer: PeerRole, words: str, now: float
    ) -> LinkedIncident:
        with self._db.writing() as connection:
            linked = _to_hand(connection, actor, incident_id, peer, now)
            is_help = peer is PeerRole.UPPER
            kind = link_rows.HELP if is_help else link_rows.TAKE_OVER
            why = IncidentReason.HELP_REQUESTED if is_help else IncidentReason.TAKEN_OVER
            _send(connection, linked, kind, {"words": words}, now)
            _decide(connection, linked, now, help_at=now if is_help else None)
            words_before = "Đã xin chi viện" if is_help else "Đã nhận chỉ huy từ"
            note(connection, linked, f"{words_before} {linked.site}. {words}".strip(), now, actor)
            details = {"site": linked.site, "words": words}
            add_act(connection, actor, (why.value, incident_id), now, details)
            return replace(linked, decides=PeerRole.UPPER, decided_at=now)


def _to_hand(
    connection: sa.Connection, actor: Actor, incident_id: str, peer: PeerRole, now: float
) -> LinkedIncident:
    """Return the link over which an incident's decision goes. Raise `LinkRefused`."""
    shown = one_incident(connection, incident_id, actor.scope)
    found = [one for one in link_rows.of_incident(connection, incident_id) if one.peer is peer]
    if shown is None or not found:
        raise LinkRefused(SiteLinkRefusal.NOT_LINKED)
    if found[0].decides is PeerRole.UPPER:
        raise LinkRefused(SiteLinkRefusal.DECIDES_ALREADY)
    link = link_rows.one_link(connection, found[0].link_id)
    if link is None or not link.is_up(now):
        raise LinkRefused(SiteLinkRefusal.UNREACHED)
    return found[0]
