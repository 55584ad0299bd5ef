"""Check of alerts' and incidents' rows against the acts in the log."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState, TransitionReason
from thapcanh.alerts.alert.alert_tables import event
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.store.action_log import LogRow
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.seals.declared_seals import MIGRATED
from thapcanh.alerts.store.seals.earlier_seals import EVERY_COLUMN
from thapcanh.alerts.store.seals.written_rows import ACTS, ROWS, SEALED
from thapcanh.alerts.store.tables import metadata

_PAGE = 500
_OPENED = {"alert": ChangeKind.OPENED.value, "incident": "incident_opened"}
_ACCEPTS = {
    TransitionReason.TAKEN.value,
    TransitionReason.CLAIMED.value,
    TransitionReason.HANDED_OVER.value,
    TransitionReason.REOPENED.value,
}
_EVALUATORS = {
    TransitionReason.CONFIRMED.value,
    TransitionReason.REJECTED.value,
    TransitionReason.COSIGNED.value,
}
_CLOSES = {TransitionReason.CLOSED.value, None}
_ENDS = {"cleared"}  # the phase of an event that is over
_ACCOUNT_FACTS = {"roles", "agencies", "areas", "disabled"}  # what an act on an account says of it
_ACTED = frozenset({"api_token", "shift", "handover", "hold", "shelf", "incident"})
Fault = tuple[str, str]
_Row = Mapping[str, Any]


def faults_by_acts(connection: sa.Connection, since_at: float) -> Iterator[Fault]:
    """Yield name and fault of each alert and incident that differs from its acts.

    `since_at` is when the log started to name every act.
    """
    for name, check in (("alert", _AlertCheck), ("incident", _IncidentCheck)):
        table = metadata.tables[name]
        query = sa.select(table).order_by(table.c.id)
        rows = _rows(connection, query.limit(_PAGE))
        while rows:
            acts, evaluated = (
                _acts(connection, [row["id"] for row in rows]),
                check(connection, rows),
            )
            for row in rows:
                for how in _faults(name, row, acts[row["id"]], evaluated, since_at):
                    yield f"{name}:{row['id']}", how
            after = query.where(table.c.id > rows[-1]["id"]).limit(_PAGE)
            rows = _rows(connection, after)
    yield from _accounts(connection, since_at)


def _faults(
    name: str, row: _Row, acts: Sequence[_Row], check: "_RowCheck", since_at: float
) -> Iterator[str]:
    opened = next((act for act in acts if act["action"] == _OPENED[name]), None)
    if opened is None:
        if row[check.began] >= since_at:
            yield "no act in the log opened it"
        return
    if opened["at"] < since_at:
        return
    expected: dict[str, Any] = dict(check.at_first)
    for act in acts:
        came_from = act["details"].get("from")
        if "to" in act["details"] and check.moves(act) and came_from != expected["state"]:
            yield f"the act at entry {act['seq']} does not follow from the ones before it"
        check.apply(expected, act)
    for column, value in expected.items():
        if row[column] != value:
            yield f"{column} does not follow from the acts in the log"
    yield from check.others(row, acts)


def _accounts(connection: sa.Connection, since_at: float) -> Iterator[Fault]:
    """Yield accounts with rights that no act granted."""
    rows = _rows(connection, sa.select(metadata.tables["user_account"]))
    acts = _acts(connection, [row["username"] for row in rows])
    for row in rows:
        name = f"user_account:{row['username']}"
        provided = [act for act in acts[row["username"]] if act["details"].keys() >= _ACCOUNT_FACTS]
        if not provided and row["created_at"] >= since_at:
            yield name, "no act in the log made it"
        if not provided or provided[-1]["at"] < since_at:
            continue
        for column in sorted(_ACCOUNT_FACTS):
            if _listed(row[column]) != provided[-1]["details"][column]:
                yield name, f"{column} does not follow from the acts in the log"


def _listed(value: Any) -> Any:
    """Return a set stored as JSON as acts hold it; other values unchanged."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
    return sorted(map(str, found)) if isinstance(found, list) else found


class ActedSeals:
    """Check whether seals of human decisions have acts that explain them."""

    def __init__(self) -> None:
        self.since_at = float("-inf")  # when the log began to name every act
        self.faults: list[Fault] = []

    def heard(self, entry: LogRow, details: Mapping[str, Any]) -> None:
        """Process one entry of the log, in order."""
        if entry.action == MIGRATED and str(details.get("from", "")) < EVERY_COLUMN:
            self.since_at = entry.at
            self.faults.clear()  # of before: nothing named its acts
        rows = details.get(ROWS)
        if entry.action != SEALED or not isinstance(rows, dict) or details.get(ACTS):
            return
        for table in _ACTED & rows.keys():
            self.faults += [
                (f"{table}:{key}", f"was sealed at entry {entry.seq}, and no act explains it")
                for key in rows[table]
            ]


class _RowCheck:
    """Effect of acts on the rows of one table, for a page of rows."""

    began = ""
    at_first: Mapping[str, Any] = {}

    def __init__(self, connection: sa.Connection, rows: Sequence[_Row]) -> None:
        """Read what a page's rows are compared with."""

    def moves(self, act: _Row) -> bool:
        """Return whether `from` and `to` of an act are states."""
        raise NotImplementedError

    def apply(self, expected: dict[str, Any], act: _Row) -> None:
        raise NotImplementedError

    def others(self, row: _Row, acts: Sequence[_Row]) -> Iterator[str]:
        raise NotImplementedError


class _AlertCheck(_RowCheck):
    """An alert's state, holder, verdict and end follow from commands; what hides it from acts."""

    began = "stored_at"
    at_first: Mapping[str, Any] = {
        "state": AlertState.NEW.value,
        **dict.fromkeys(
            (
                "owner", "acknowledged_at", "escalated_at", "verdict", "verdict_by", "verdict_at",
                "reject_reason", "cosign_wanted_by", "closed_by", "closed_at",
            )
        ),
    }  # fmt: skip
    _of_one_life = ("owner", "verdict", "verdict_by", "verdict_at", "reject_reason",
                    "cosign_wanted_by", "closed_by", "closed_at")  # fmt: skip

    def __init__(self, connection: sa.Connection, rows: Sequence[_Row]) -> None:
        ids = [row["id"] for row in rows]
        over = sa.select(event.c.alert_id).where(
            event.c.alert_id.in_(ids), event.c.phase.in_(_ENDS)
        )
        self._over = set(connection.execute(over.distinct()).scalars())
        shelf = metadata.tables["shelf"]
        matching = sorted({row["shelf_id"] for row in rows if row["shelf_id"] is not None})
        found = sa.select(shelf).where(shelf.c.id.in_(matching))
        self._shelves = {one["id"]: one for one in connection.execute(found).mappings()}

    def moves(self, act: _Row) -> bool:
        return isinstance(act["details"].get("to"), str)

    def apply(self, expected: dict[str, Any], act: _Row) -> None:
        details, at = act["details"], act["at"]
        if act["action"] == ChangeKind.LEASE_EXPIRED.value:
            expected |= {"state": AlertState.NEW.value, "owner": None, "escalated_at": at}
        if not self.moves(act):
            return
        expected["state"] = details["to"]
        why = None if details.get("why") is None else str(details["why"])
        if why in _ACCEPTS:
            if why == TransitionReason.REOPENED.value:
                expected |= dict.fromkeys(self._of_one_life)
            provided = why == TransitionReason.HANDED_OVER.value
            _take(expected, details.get("holder") if provided else act["actor"], at)
        elif why in _EVALUATORS:
            is_rejected = why != TransitionReason.CONFIRMED.value
            _evaluate(expected, act, act["reason"] if is_rejected else None)
        elif why == TransitionReason.AWAITS_COSIGN.value:
            expected |= {"cosign_wanted_by": act["actor"], "reject_reason": act["reason"]}
        elif expected["state"] == AlertState.CLOSED.value and why in _CLOSES:
            # a drill's end is nobody's
            expected |= {"closed_by": why and act["actor"], "closed_at": at}

    def others(self, row: _Row, acts: Sequence[_Row]) -> Iterator[str]:
        is_over = row["id"] in self._over or any(
            act["action"] == ChangeKind.CLEARED.value for act in acts
        )
        if (row["condition"] == AlertCondition.ACTIVE) != (row["cleared_at"] is None):
            yield "condition and cleared_at do not agree"
        if row["condition"] != AlertCondition.ACTIVE and not is_over:
            yield "nothing in the log or among its events cleared it"
        on, until = row["shelf_id"], row["shelved_until"]
        if on is None and until is not None:
            yield "it is shelved until a time, and lies on no shelf"
        if on is not None:
            shelf = self._shelves.get(on)
            if shelf is None or (shelf["camera_id"], shelf["until"]) != (row["camera_id"], until):
                yield "it lies on no shelf that anybody set for its camera until then"


def _take(expected: dict[str, Any], holder: Any, at: float) -> None:
    expected["owner"] = holder
    if expected["acknowledged_at"] is None:
        expected["acknowledged_at"] = at


def _evaluate(expected: dict[str, Any], act: _Row, reason: str | None) -> None:
    expected |= {
        "owner": expected["owner"] or act["actor"],
        "verdict": act["details"]["to"],
        "verdict_by": act["actor"],
        "verdict_at": act["at"],
        "reject_reason": reason,
        "cosign_wanted_by": None,
    }


class _IncidentCheck(_RowCheck):
    """An incident's state and end follow from its steps."""

    began = "opened_at"
    at_first: Mapping[str, Any] = {
        "state": "open", "disposition": None, "closed_by": None, "closed_at": None,
        "merged_into": None,
    }  # fmt: skip

    def moves(self, act: _Row) -> bool:
        return isinstance(act["details"].get("to"), str)

    def apply(self, expected: dict[str, Any], act: _Row) -> None:
        details = act["details"]
        if self.moves(act):
            expected["state"] = details["to"]
        if act["action"] == "incident_reopened":
            expected |= dict.fromkeys(("disposition", "closed_by", "closed_at"))
        if act["action"] == "incident_corrected":
            expected["disposition"] = details.get("disposition")
        if act["action"] != "incident_closed":
            return
        into = details.get("merged_into")
        expected |= {
            "state": "closed",
            "closed_by": act["actor"],
            "closed_at": act["at"],
            "merged_into": into,
            "disposition": details.get("disposition"),
        }

    def others(self, row: _Row, acts: Sequence[_Row]) -> Iterator[str]:
        last = next((act for act in reversed(acts) if "priority" in act["details"]), None)
        if last is not None:
            for column in ("kind", "priority"):
                if row[column] != last["details"][column]:
                    yield f"{column} does not follow from the acts in the log"


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> list[_Row]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _acts(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[_Row]]:
    """Return the log's entries on each of these, in order."""
    found: dict[str, list[_Row]] = defaultdict(list)
    query = sa.select(action_log).where(action_log.c.object_id.in_(ids))
    for entry in connection.execute(query.order_by(action_log.c.seq)).mappings():
        try:
            details = json.loads(entry["details"])
        except ValueError:
            details = {}
        found[entry["object_id"]].append(
            {**entry, "details": details if isinstance(details, dict) else {}}
        )
    return found
