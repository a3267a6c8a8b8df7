"""Disputes over scorecards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "disputes",
        sa.Column("dispute_id", sa.Text, primary_key=True, nullable=False),
        sa.Column("scorecard_id", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("disputes_by_scorecard", "disputes", ["scorecard_id"])
