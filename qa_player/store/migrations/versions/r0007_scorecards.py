"""Forms, the scorecards answered on them, and how far the review of each session is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "forms",
        _text("form_id", key=True),
        sa.Column("version", _WHOLE, primary_key=True, autoincrement=False),
        _text("digest"),
        _text("payload"),
        sqlite_strict=True,
    )
    op.create_table(
        "scorecards",
        _text("scorecard_id", key=True),
        _text("connection"),
        _text("session_id"),
        sa.Column("revision", _WHOLE, nullable=False),
        _text("payload"),
        sqlite_strict=True,
    )
    op.create_index("scorecards_by_session", "scorecards", ["connection", "session_id"])
    place = (_text("connection", key=True), _text("session_id", key=True))
    op.create_table("review_states", *place, _text("state"), _text("payload"), sqlite_strict=True)


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)
