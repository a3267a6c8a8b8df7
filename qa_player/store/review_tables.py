"""The tables beside annotations: forms, scorecards, states, samples, the queue, tag sets, and what is indexed."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from qa_player.store.tables import METADATA, WHOLE, text_column

# Versions of forms, which never change; and the scorecards answered on them, whole with their form.
FORMS = Table(
    "forms",
    METADATA,
    Column("form_id", Text, primary_key=True),
    Column("version", WHOLE, primary_key=True, autoincrement=False),
    text_column("digest"),
    text_column("payload"),
    sqlite_strict=True,
)

SCORECARDS = Table(
    "scorecards",
    METADATA,
    Column("scorecard_id", Text, primary_key=True),
    text_column("connection"),
    text_column("session_id"),
    Column("revision", WHOLE, nullable=False),
    text_column("payload"),
    Index("scorecards_by_session", "connection", "session_id"),
    sqlite_strict=True,
)

DISPUTES = Table(
    "disputes",
    METADATA,
    Column("dispute_id", Text, primary_key=True),
    text_column("scorecard_id"),
    text_column("payload"),
    Index("disputes_by_scorecard", "scorecard_id"),
    sqlite_strict=True,
)

# How far the review of a session is; a session that nobody began has no row.
REVIEW_STATES = Table(
    "review_states",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    text_column("state"),
    text_column("payload"),
    sqlite_strict=True,
)

# Which rows of the full-text index tell of what: the turns of a session, or an annotation.
INDEXED = Table(
    "search_indexed",
    METADATA,
    Column("subject", Text, primary_key=True),
    text_column("digest"),
    Column("first", WHOLE, nullable=False),
    Column("last", WHOLE, nullable=False),
    sqlite_strict=True,
)

SAMPLES = Table(
    "samples",
    METADATA,
    Column("sample_id", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

# Transcripts that a person took in from a file, beside the provider's own; ``raw`` is the file, compressed.
GIVEN_TRANSCRIPTS = Table(
    "given_transcripts",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    text_column("payload"),
    Column("raw", LargeBinary, nullable=False),
    sqlite_strict=True,
)

# What a person is writing about a session and has not kept yet; ``about`` is the thing it is about.
UNFINISHED = Table(
    "unfinished",
    METADATA,
    Column("login", Text, primary_key=True),
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

# Sessions that somebody wants reviewed.
QUEUE = Table(
    "queue",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

TAG_SETS = Table(
    "tag_sets",
    METADATA,
    Column("set_id", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

# Who speaks when in the recording of a session, measured on it: worked out again whenever it is missing.
SPEECH = Table(
    "speech",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)
