"""Tables of links between sites. Times are UTC unix seconds of this site's clock.

`link_state` and `link_item` move all the time and are not sealed.
"""

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_tables import GOES_OVER
from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

link_invitation = sa.Table(
    "link_invitation",
    metadata,
    sa.Column("id", _Text, primary_key=True),  # the first letters of the code
    sa.Column("proof_key", _Text, nullable=False),  # sha256 of the code
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("made_by", _Text, nullable=False),
    sa.Column("made_at", _Time, nullable=False),
    sa.Column("expires_at", _Time, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("used_at", _Time),
)

site_link = sa.Table(
    "site_link",
    metadata,
    sa.Column("id", _Text, primary_key=True),  # the same at both ends
    sa.Column("peer", _Text, nullable=False),  # what the other site is: `upper` or `lower`
    sa.Column("name", _Text, nullable=False),
    sa.Column("public_key", _Text, nullable=False),  # base64
    sa.Column("url", _Text),  # of the upper site
    sa.Column("sharing", _Text, nullable=False),  # JSON: what the lower site lets go up
    sa.Column("agency", _Text),  # whose the lower site's incidents are here
    sa.Column("area", _Text),
    sa.Column("made_at", _Time, nullable=False),
    sa.Column("made_by", _Text, nullable=False),
    sa.Column("ended_at", _Time),
    sa.Column("ended_by", _Text),
)

link_incident = sa.Table(
    "link_incident",
    metadata,
    sa.Column("link_id", _Text, sa.ForeignKey("site_link.id"), primary_key=True),
    sa.Column("remote_id", _Text, primary_key=True),  # the lower site's incident
    sa.Column(
        "incident_id", _Text, sa.ForeignKey("incident.id"), nullable=False, info={GOES_OVER: True}
    ),
    sa.Column("decides", _Text, nullable=False),  # `upper` or `lower`
    sa.Column("decided_at", _Time, nullable=False),
    sa.Column("help_at", _Time),  # when the lower site asked for help
    sa.Column("report", _Text, nullable=False),  # JSON: the other site's newest report
    sa.Column("sent", _Text, nullable=False),  # JSON: this site's newest report
    sa.Column("alone_at", _Time),  # when this site last acted on it without the one that decides
    sa.Column("opened_at", _Time, nullable=False),
)
sa.Index("ix_link_incident_incident", link_incident.c.incident_id)
sa.Index("ix_link_incident_opened", link_incident.c.link_id, link_incident.c.opened_at)

link_picture = sa.Table(
    "link_picture",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("link_id", _Text, sa.ForeignKey("site_link.id"), nullable=False),
    sa.Column("incident_id", _Text, sa.ForeignKey("incident.id"), info={GOES_OVER: True}),
    sa.Column("at", _Time, nullable=False),
    sa.Column("sha256", _Text, nullable=False),
    sa.Column("statement", _Text, nullable=False),  # JSON: what the lower site signed of it
    sa.Column("signature", _Text, nullable=False),
    sa.Column("content", _Text),  # base64 of a JPEG; empty once its time is over
)
sa.Index("ix_link_picture_incident", link_picture.c.incident_id, link_picture.c.at)

link_state = sa.Table(
    "link_state",
    metadata,
    sa.Column("link_id", _Text, sa.ForeignKey("site_link.id"), primary_key=True),
    sa.Column("outbox_seq", sa.Integer, nullable=False),  # how far the outbox was read
    sa.Column("contact_at", _Time),
    sa.Column("ahead_s", sa.Double()),  # of the other site's clock
    sa.Column("tree", _Text, nullable=False),  # JSON: sites behind the other one, and levels
    sa.Column("held_pictures", sa.Integer, nullable=False),  # of this hour, beyond the bound
    sa.Column("is_end_sent", sa.Boolean, nullable=False),  # the other site knows of the end
)

link_item = sa.Table(
    "link_item",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("link_id", _Text, sa.ForeignKey("site_link.id"), nullable=False),
    sa.Column("subject", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),  # 0 before 1, whatever the number
    sa.Column("data", _Text, nullable=False),  # JSON
    sa.Column("made_at", _Time, nullable=False),
    sa.Column("due_at", _Time, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, although rows go
)
sa.Index("ix_link_item_next", link_item.c.link_id, link_item.c.rank, link_item.c.seq)

link_received = sa.Table(
    "link_received",
    metadata,
    sa.Column("link_id", _Text, sa.ForeignKey("site_link.id"), primary_key=True),
    sa.Column("subject", _Text, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),  # of the last item that was applied
    sa.Column("at", _Time, nullable=False),  # when the other site made it, by its clock
)
