"""Several things can be written about one session side by side."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0016"


def upgrade() -> None:
    """Let each row say what it is about, and keep what waits."""
    waiting = op.get_bind().execute(sa.text("SELECT * FROM unfinished")).mappings().all()
    op.drop_table("unfinished")
    place = ("login", "connection", "session_id", "about")
    table = op.create_table(
        "unfinished",
        *(sa.Column(name, sa.Text, primary_key=True, nullable=False) for name in place),
        sa.Column("payload", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    if waiting:
        op.bulk_insert(table, [dict(row) | {"about": _about(row["payload"])} for row in waiting])


def _about(payload: str) -> str:
    told = json.loads(payload)
    place = (told["start_ms"], told["end_ms"], told["turn_index"], told["corrects"])
    return f"annotation:{told['annotation_id'] or ':'.join(map(str, place))}"
