"""Of an incident that was joined into another nothing stays behind that somebody waits for."""

from thapcanh.alerts.incidents.incident_tables import GOES_OVER
from thapcanh.alerts.store.tables import metadata

STAYS = {  # what tells how the emptied one went, and what is moved one by one
    "incident.merged_into",
    "incident_change.incident_id",
    "incident_member.incident_id",
    "incident_step.incident_id",
}


def test_each_table_that_names_an_incident_says_whether_its_rows_go_over() -> None:
    goes = {
        f"{table.name}.{column.name}": bool(column.info.get(GOES_OVER))
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "incident" for key in column.foreign_keys)
    }
    assert {name for name, goes_over in goes.items() if not goes_over} == STAYS
    assert {"assignment.incident_id", "crew_report.incident_id", "outcome.incident_id"} < set(goes)
