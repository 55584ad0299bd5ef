"""Tables of facilities and their documents. Rows are never deleted, only marked as removed."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Number: sa.Double[float] = sa.Double()

facility = sa.Table(
    "facility",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("code", _Text),  # by which the site's own list names it
    sa.Column("name", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("address", _Text),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("outline", _Text),  # JSON: corners, latitude and longitude each
    sa.Column("floors", sa.Integer),
    sa.Column("basements", sa.Integer),
    sa.Column("contacts", _Text, nullable=False),  # JSON
    sa.Column("hazards", _Text, nullable=False),  # JSON
    sa.Column("access", _Text),
    sa.Column("water", _Text),
    sa.Column("words", _Text, nullable=False),  # without marks, a space before each
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("written_by", _Text, nullable=False),
    sa.Column("written_at", _Number, nullable=False),
    sa.Column("removed_by", _Text),
    sa.Column("removed_at", _Number),
)
sa.Index("ix_facility_lat", facility.c.lat, facility.c.lon)
sa.Index("ix_facility_name", facility.c.name, facility.c.id)
_is_there = facility.c.removed_at.is_(None)
sa.Index(
    "ix_facility_seen",
    facility.c.agency,
    facility.c.area,
    postgresql_where=_is_there,
    sqlite_where=_is_there,
)

facility_document = sa.Table(
    "facility_document",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("facility_id", _Text, sa.ForeignKey("facility.id"), nullable=False),
    sa.Column("name", _Text, nullable=False),
    sa.Column("media_type", _Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", _Text, nullable=False),
    sa.Column("path", _Text, nullable=False),  # in the store of evidence
    sa.Column("inspected_on", _Text),  # a date, `2026-11-29`
    sa.Column("added_by", _Text, nullable=False),
    sa.Column("added_at", _Number, nullable=False),
    sa.Column("removed_by", _Text),
    sa.Column("removed_at", _Number),
)
sa.Index("ix_facility_document_facility", facility_document.c.facility_id)
