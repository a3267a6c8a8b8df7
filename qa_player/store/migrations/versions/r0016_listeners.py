"""Who may listen to the relay of this home from elsewhere, and relays elsewhere that are listened to from here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the tables."""
    for table in ("live_listeners", "live_relays"):
        op.create_table(
            table,
            sa.Column("name", sa.Text, primary_key=True, nullable=False),
            sa.Column("payload", sa.Text, nullable=False),
            sqlite_strict=True,
        )
