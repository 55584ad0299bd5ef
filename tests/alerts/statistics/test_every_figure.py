"""Every figure of the statistics, computed once more from raw rows and in another way.

The burned area of a month had the areas of crimes and accidents in it, and its gap those of fires
alone; dead of all kinds stood below "fires". A row that this page does not compute fails.
"""

import random
from collections import Counter, defaultdict
from typing import Any

import pytest
import sqlalchemy as sa

from thapcanh.alerts.calls.citizen_message_tables import citizen_message
from thapcanh.alerts.incidents.incident_tables import (
    assignment,
    call,
    incident,
    incident_member,
    incident_step,
    unit,
)
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.statistics.outcomes import outcome
from thapcanh.alerts.statistics.statistic_counts import counted_months
from thapcanh.alerts.statistics.statistic_rows import StatisticRow, statistic_rows
from thapcanh.alerts.store.roles import EVERYTHING

SPAN = (1_000_000.0, 2_000_000.0)
BURNS = ("fire", "explosion", "short_circuit")
KINDS = (*BURNS, "rescue", "traffic", "public_order", "crime", "medical", "other")
UNREAL = ("false_alarm", "hoax", "nothing_found")
ENDS = (None, "handled", "transferred", *UNREAL, "duplicate")
CAUSES = (
    "electrical", "open_fire", "hot_work", "technical", "gas", "vehicle", "arson", "nature",
    "self_ignition", "other", "unknown",
)  # fmt: skip
PREMISES = (
    "house", "shop_house", "flats", "rooms", "market", "warehouse", "factory", "office", "school",
    "hospital", "hotel", "entertainment", "vehicle", "power_line", "open_land", "street", "other",
)  # fmt: skip
STEPS = ("dispatched", "en_route", "on_scene", "controlled", "closed")
LINES = ("113", "114", "115", "112", "TN")
NUMBERS = ("dead", "injured", "rescued", "damage_vnd", "area_m2", "vehicles", "water_m3")
Rows = dict[str, list[dict[str, Any]]]
Told = tuple[float | None, str, list[str], list[str]]


def raw_month(seed: int) -> Rows:
    """Rows of a month by chance, and some of before and after."""
    dice = random.Random(seed)
    rows: Rows = defaultdict(list)
    rows["unit"] = [
        {"id": f"u{n}", "name": f"Xe {n}", "kind": "engine", "status": "free", "updated_at": 1.0}
        for n in range(4)
    ]
    for number in range(90):
        its_id = f"i{number:03}"
        at = dice.uniform(SPAN[0] - 2e5, SPAN[1] + 2e5)
        end = dice.choice(ENDS)
        rows["incident"].append(
            {"id": its_id, "number": its_id, "state": "open", "kind": dice.choice(KINDS),
             "class_group": "x", "priority": 2, "version": 1, "people_version": 1, "opened_at": at,
             "opened_by": "an", "last_at": at, "disposition": end,
             "closed_at": None if end is None else at + 9.0}
        )  # fmt: skip
        if dice.random() < 0.7:
            said = {one: dice.choice((None, 0, dice.randint(1, 900))) for one in NUMBERS}
            rows["outcome"].append(
                {"incident_id": its_id, "version": 1, "by": "an", "at": at, **said,
                 "cause": dice.choice((None, *CAUSES)), "premises": dice.choice((None, *PREMISES))}
            )  # fmt: skip
        for step in dice.sample(STEPS, dice.randint(0, 5)):
            reached = at + dice.uniform(-50.0, 5000.0)
            rows["step"].append({"incident_id": its_id, "step": step, "at": reached, "by": "an"})
        for n in range(dice.randint(0, 3)):
            rows["assignment"].append(
                {"id": f"{its_id}-{n}", "incident_id": its_id, "unit_id": f"u{dice.randint(0, 3)}",
                 "told": "Xe", "way": "phone", "told_at": at, "told_by": "an", "read_back": True,
                 "ended_at": at}
            )  # fmt: skip
        for n in range(dice.randint(0, 3)):
            its_call = f"c{number:03}-{n}"
            called = at + dice.uniform(-2e5, 2e5)
            rows["call"].append(
                {"id": its_call, "number": its_call, "year": 2026, "line": dice.choice(LINES),
                 "kind": dice.choice(("fire", "hoax")), "at": called, "by": "an"}
            )  # fmt: skip
            if rows["call"][-1]["kind"] != "hoax":
                rows["member"].append(
                    {"id": its_call, "incident_id": its_id, "type": "call", "member_id": its_call,
                     "joined_at": at, "by": "an"}
                )  # fmt: skip
        rows["message"].append(
            {"id": its_id, "gateway": "g", "channel": "sms", "is_misplaced": False, "at": at,
             "received_at": at, "event_id": its_id, "is_marked": False,
             "state": dice.choice(("waiting", "hoax"))}
        )  # fmt: skip
    return rows


def write(archive: Archive, rows: Rows) -> None:
    tables = {
        "unit": unit, "incident": incident, "outcome": outcome, "step": incident_step,
        "assignment": assignment, "call": call, "member": incident_member,
        "message": citizen_message,
    }  # fmt: skip
    with archive.database.writing() as connection:
        for name, table in tables.items():
            connection.execute(sa.insert(table), rows[name])


def in_span(at: float) -> bool:
    return SPAN[0] <= at < SPAN[1]


def expected(rows: Rows) -> dict[str, Told]:
    """Each figure by its key: value, of what, made of which, lacking which."""
    mine = [
        one for one in rows["incident"]
        if in_span(one["opened_at"]) and one["disposition"] != "duplicate"
    ]  # fmt: skip
    mine.sort(key=lambda one: (one["opened_at"], one["id"]))
    said = {one["incident_id"]: one for one in rows["outcome"]}
    real = [one for one in mine if one["disposition"] not in UNREAL]
    fires = [one for one in real if one["kind"] in BURNS]
    others = [one for one in real if one["kind"] not in BURNS]
    told: dict[str, Told] = {}

    def ids(found: list[dict[str, Any]]) -> list[str]:
        return [one["id"] for one in found]

    def count(key: str, of: str, found: list[dict[str, Any]]) -> None:
        told[key] = (len(found), of, ids(found), [])

    count("incidents.total", "all", mine)
    count("incidents.real", "real", real)
    count("incidents.fires", "fires", fires)
    count("incidents.still_open", "all", [one for one in mine if one["closed_at"] is None])
    for kind in KINDS:
        count(f"incidents.{kind}", "real", [one for one in real if one["kind"] == kind])
    for end in UNREAL:
        count(f"incidents.{end}", "all", [one for one in mine if one["disposition"] == end])
    for part, of, found in (("outcome", "fires", fires), ("other_outcome", "others", others)):
        told |= sums_expected(rows, part, of, found)
        silent = [one for one in found if one["closed_at"] and one["id"] not in said]
        count(f"{part}.missing", of, silent)
    for part, names in (("cause", CAUSES), ("premises", PREMISES)):
        for value in (*names, None):
            chosen = [one for one in fires if said.get(one["id"], {}).get(part) == value]
            count(f"{part}.{value or 'not_said'}", "fires", chosen)
    return told | times_expected(rows, real) | calls_expected(rows)


def sums_expected(rows: Rows, part: str, of: str, found: list[dict[str, Any]]) -> dict[str, Told]:
    said = {one["incident_id"]: one for one in rows["outcome"]}
    sent = defaultdict(set)
    for one in rows["assignment"]:
        sent[one["incident_id"]].add(one["unit_id"])
    told: dict[str, Told] = {}
    for name in NUMBERS:
        if (part, name) == ("other_outcome", "area_m2"):
            continue
        values = {one["id"]: said.get(one["id"], {}).get(name) for one in found}
        if name == "vehicles":
            values = {k: v if v is not None else len(sent[k]) or None for k, v in values.items()}
        known = {key: value for key, value in values.items() if value is not None}
        total = float(sum(known.values())) if known or not values else None
        lacking = [key for key, value in values.items() if value is None]
        told[f"{part}.{name}"] = (total, of, [k for k, v in known.items() if v], lacking)
    return told


def times_expected(rows: Rows, real: list[dict[str, Any]]) -> dict[str, Told]:
    opened = {one["id"]: one["opened_at"] for one in real}
    told: dict[str, Told] = {}
    for step in STEPS:
        times = {
            one["incident_id"]: max(0.0, one["at"] - opened[one["incident_id"]])
            for one in rows["step"]
            if one["step"] == step and one["incident_id"] in opened
        }
        lower_middle = sorted(times.values())[(len(times) - 1) // 2] if times else None
        told[f"response.{step}"] = (lower_middle, "real", [k for k in opened if k in times], [])
    return told


def calls_expected(rows: Rows) -> dict[str, Told]:
    calls = {one["id"]: one for one in rows["call"] if in_span(one["at"])}
    joined = Counter(one["incident_id"] for one in rows["member"] if one["member_id"] in calls)
    hoaxed = {one["id"] for one in rows["incident"] if one["disposition"] == "hoax"}
    of_hoaxes = sorted(hoaxed & joined.keys())
    several = sorted(key for key, number in joined.items() if number > 1)
    lines = Counter(one["line"] for one in calls.values())
    hoaxes = sum(one["kind"] == "hoax" for one in calls.values())
    messages = [one for one in rows["message"] if in_span(one["at"]) and one["state"] == "hoax"]
    return {
        "calls.total": (len(calls), "calls", [], []),
        **{f"calls.line_{line}": (lines[line], "calls", [], []) for line in LINES},
        "calls.hoaxes": (hoaxes + sum(joined[one] for one in of_hoaxes), "calls", of_hoaxes, []),
        "calls.duplicates": (sum(joined[one] - 1 for one in several), "calls", several, []),
        "calls.hoax_messages": (len(messages), "messages", [], []),
    }


def told_by(row: StatisticRow) -> Told:
    return (row.value, row.population.value, list(row.incidents), list(row.not_said))


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_is_what_the_raw_rows_come_to(archive: Archive, seed: int) -> None:
    rows = raw_month(seed)
    write(archive, rows)
    counted, _ = counted_months(archive.database, SPAN, [], EVERYTHING)
    figures = {f"{row.part.value}.{row.name}": row for row in statistic_rows(counted, [])}
    wanted = expected(rows)
    assert figures.keys() == wanted.keys(), "a figure that nothing checks, or one that went"
    for key, row in figures.items():
        value, of, incidents, lacking = told_by(row)
        assert value == pytest.approx(wanted[key][0]), key
        assert (of, incidents, lacking) == wanted[key][1:], key
