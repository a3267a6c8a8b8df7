"""The tables as they are now; `migrations` says how a database of any age gets there, and a test that both agree.

Instants are ISO 8601 text in UTC, times whole milliseconds. ``payload`` is the JSON of a model value: JSON spells what
a column of text may not hold (NUL), and fields that nothing is sought by need no column.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

WHOLE = Integer().with_variant(BigInteger(), "postgresql")

METADATA = MetaData()


def text_column(name: str, *, nullable: bool = False) -> Column[str]:
    """Text that is there, unless ``nullable``."""
    return Column(name, Text, nullable=nullable)


CONNECTIONS = Table(
    "connections",
    METADATA,
    Column("name", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

# What a list is sorted and sought by, and nothing else: 100,000 of these narrow rows are read in one breath.
# Numbers are never used again, so that a list on a screen cannot come to mean another session.
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("number", Integer, primary_key=True),
    text_column("connection"),
    text_column("session_id"),
    Column("started_at_ms", WHOLE),
    Column("duration_ms", WHOLE),
    text_column("title"),
    text_column("state"),
    text_column("recording_state"),
    text_column("search"),
    UniqueConstraint("connection", "session_id", name="sessions_once"),
    Index("sessions_by_start", "started_at_ms", "number"),
    Index("sessions_by_duration", "duration_ms", "number"),
    Index("sessions_by_title", "title", "number"),
    Index("sessions_by_connection_and_start", "connection", "started_at_ms", "number"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

SESSION_PAYLOADS = Table(
    "session_payloads",
    METADATA,
    Column("number", Integer, ForeignKey("sessions.number", ondelete="CASCADE"), primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

DETAILS = Table(
    "details",
    METADATA,
    Column("number", Integer, ForeignKey("sessions.number", ondelete="CASCADE"), primary_key=True),
    text_column("payload"),
    Column("raw", LargeBinary, nullable=False),
    sqlite_strict=True,
)

# No reference to sessions: a judgement outlives the listing it was made from.
ANNOTATIONS = Table(
    "annotations",
    METADATA,
    Column("annotation_id", Text, primary_key=True),
    text_column("connection"),
    text_column("session_id"),
    text_column("kind"),
    Column("start_ms", WHOLE),
    Column("end_ms", WHOLE),
    Column("turn_index", WHOLE),
    text_column("role", nullable=True),
    text_column("quote"),
    text_column("tag"),
    text_column("severity", nullable=True),
    text_column("text"),
    text_column("author"),
    text_column("created_at"),
    text_column("updated_at"),
    Column("revision", WHOLE, nullable=False),
    Column("extra", Text, nullable=False, server_default="{}"),
    Column("private", WHOLE, nullable=False, server_default="0"),
    Index("annotations_by_session", "connection", "session_id"),
    sqlite_strict=True,
)

TIMINGS = Table(
    "timings",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

# No reference to sessions either: what was judged of a note is said of these words, whatever is listed later.
NOTES = Table(
    "notes",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    text_column("received_at"),
    text_column("payload"),
    sqlite_strict=True,
)

# ``subject`` is a statement by its place in the note, a turn that stands in none, or the attestation of the whole.
NOTE_VERDICTS = Table(
    "note_verdicts",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

# No reference to sessions here either: that somebody listened stays true when a listing is made anew.
SITTINGS = Table(
    "sittings",
    METADATA,
    Column("sitting_id", Text, primary_key=True),
    text_column("connection"),
    text_column("session_id"),
    text_column("payload"),
    Index("sittings_by_session", "connection", "session_id"),
    sqlite_strict=True,
)

# How a person said that the parts of a recording belong together; a guess is not kept.
ARRANGEMENTS = Table(
    "arrangements",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    text_column("payload"),
    sqlite_strict=True,
)

CACHE_RECORDS = Table(
    "cache_records",
    METADATA,
    Column("cache_id", Text, primary_key=True),
    text_column("connection"),
    text_column("session_id"),
    Column("wrapped_key", LargeBinary),
    text_column("payload"),
    Index("cache_records_by_session", "connection", "session_id"),
    sqlite_strict=True,
)

# The keys under which the trail proves content. Destroying one makes the content of its events unprovable for ever.
SESSION_KEYS = Table(
    "session_keys",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    sqlite_strict=True,
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("sequence", WHOLE, primary_key=True, autoincrement=False),
    text_column("at"),
    text_column("actor"),
    text_column("action"),
    text_column("connection", nullable=True),
    text_column("session_id", nullable=True),
    text_column("subject", nullable=True),
    text_column("detail"),
    text_column("content_hmac", nullable=True),
    text_column("previous"),
    text_column("digest"),
    Index("audit_by_session", "connection", "session_id"),
    sqlite_strict=True,
)

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("sequence", WHOLE, nullable=False),
    text_column("digest"),
    CheckConstraint("one = 1", name="audit_head_once"),
    sqlite_strict=True,
)

AUDIT_GUARDS = ("audit_is_never_changed", "audit_is_never_deleted", "audit_only_grows")
"""Triggers that refuse UPDATE, DELETE and an INSERT anywhere but at the end."""

# Addresses that a carrier may dial once: only digests of the tokens in them, never a token.
LIVE_EXPECTATIONS = Table(
    "live_expectations",
    METADATA,
    Column("token", Text, primary_key=True),
    text_column("callback"),
    Column("expires_at_ms", WHOLE, nullable=False),
    text_column("session_id", nullable=True),
    text_column("payload"),
    UniqueConstraint("callback", name="live_callback_once"),
    sqlite_strict=True,
)

LIVE_NONCES = Table(
    "live_nonces",
    METADATA,
    Column("nonce", Text, primary_key=True),
    Column("seen_at_ms", WHOLE, nullable=False),
    sqlite_strict=True,
)

LIVE_STREAMS = Table(
    "live_streams",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("stream_id", Text, primary_key=True),
    text_column("state"),
    text_column("payload"),
    sqlite_strict=True,
)

LIVE_CAPTURES = Table(
    "live_captures",
    METADATA,
    Column("session_id", Text, primary_key=True),
    text_column("call_id"),
    text_column("state"),
    Column("wrapped_key", LargeBinary, nullable=False),
    text_column("payload"),
    sqlite_strict=True,
)

# Where the relay of this home can be dialled, while its lock is held.
LIVE_RELAY = Table(
    "live_relay",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    text_column("payload"),
    CheckConstraint("one = 1", name="live_relay_once"),
    sqlite_strict=True,
)

LIVE_LISTENERS = Table(
    "live_listeners", METADATA, Column("name", Text, primary_key=True), text_column("payload"), sqlite_strict=True
)

LIVE_RELAYS = Table(
    "live_relays", METADATA, Column("name", Text, primary_key=True), text_column("payload"), sqlite_strict=True
)
