"""Transcripts that a person took in from a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0014"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "given_transcripts",
        *(
            sa.Column(name, sa.Text, primary_key=True, nullable=False)
            for name in ("connection", "session_id", "sha256")
        ),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
