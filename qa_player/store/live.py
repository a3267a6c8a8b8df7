"""Calls in progress as they are kept: expectations, nonces, streams, captures and where the relay is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection as Transaction
from sqlalchemy import delete, insert, select, update

from qa_player.model.live import Capture, CaptureState, Expectation, StreamInfo, StreamState
from qa_player.store.payloads import from_json
from qa_player.store.tables import LIVE_CAPTURES, LIVE_EXPECTATIONS, LIVE_NONCES, LIVE_RELAY, LIVE_STREAMS

NONCES_KEPT = timedelta(hours=24)
CALLBACKS_TAKEN = timedelta(hours=25)
"""A stream may last a day, and its callbacks come after it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TO_BE_ENDED = "to_be_ended"


def expect(db: Transaction, token: str, callback: str, expectation: Expectation) -> None:
    """Keep an expectation under the digests of its two tokens; those that are long past are forgotten."""
    long_past = _ms(expectation.expires_at - CALLBACKS_TAKEN)
    db.execute(delete(LIVE_EXPECTATIONS).where(LIVE_EXPECTATIONS.c.expires_at_ms < long_past))
    db.execute(
        insert(LIVE_EXPECTATIONS).values(
            token=token,
            callback=callback,
            expires_at_ms=_ms(expectation.expires_at),
            payload=expectation.model_dump_json(),
        )
    )


def expected(db: Transaction, token: str, now: datetime) -> Expectation | None:
    """Who may dial with this token now; null when nobody may, or when it was used."""
    payload = db.execute(
        select(LIVE_EXPECTATIONS.c.payload).where(
            LIVE_EXPECTATIONS.c.token == token,
            LIVE_EXPECTATIONS.c.session_id.is_(None),
            LIVE_EXPECTATIONS.c.expires_at_ms >= _ms(now),
        )
    ).scalar()
    return None if payload is None else from_json(Expectation, payload)


def used(db: Transaction, token: str, session_id: str) -> bool:
    """Use a token up; false when somebody was faster."""
    unused = (LIVE_EXPECTATIONS.c.token == token, LIVE_EXPECTATIONS.c.session_id.is_(None))
    return db.execute(update(LIVE_EXPECTATIONS).where(*unused).values(session_id=session_id)).rowcount == 1


def of_callback(db: Transaction, callback: str) -> tuple[Expectation, str | None] | None:
    """The call that a callback's token belongs to, and the session of its capture where it came."""
    row = db.execute(
        select(LIVE_EXPECTATIONS.c.payload, LIVE_EXPECTATIONS.c.session_id).where(
            LIVE_EXPECTATIONS.c.callback == callback
        )
    ).first()
    return None if row is None else (from_json(Expectation, row.payload), row.session_id)


def first_time(db: Transaction, nonce: str, now: datetime) -> bool:
    """Remember the digest of a nonce for a day; false when it is remembered."""
    db.execute(delete(LIVE_NONCES).where(LIVE_NONCES.c.seen_at_ms < _ms(now - NONCES_KEPT)))
    if db.execute(select(LIVE_NONCES.c.nonce).where(LIVE_NONCES.c.nonce == nonce)).first() is not None:
        return False
    db.execute(insert(LIVE_NONCES).values(nonce=nonce, seen_at_ms=_ms(now)))
    return True


def free_session_id(db: Transaction, call_id: str) -> str:
    """The call's own id, or, for a call that was captured before, the id and a number."""
    taken = set(db.execute(select(LIVE_CAPTURES.c.session_id).where(LIVE_CAPTURES.c.call_id == call_id)).scalars())
    numbered = (call_id[:480] if number == 1 else f"{call_id[:480]}.{number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)


def session_id_for(db: Transaction, relay_session: str) -> str:
    """What a call of a relay elsewhere is called there, or, where a session here has that name, it and a number."""
    taken = set(db.execute(select(LIVE_CAPTURES.c.session_id)).scalars())
    numbered = (relay_session if number == 1 else f"{relay_session}.{number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)


def begin_capture(db: Transaction, capture: Capture, wrapped_key: bytes) -> None:
    """Keep a new capture and the key of its journal."""
    db.execute(insert(LIVE_CAPTURES).values(**_capture_columns(capture), wrapped_key=wrapped_key))


def save_capture(db: Transaction, capture: Capture) -> None:
    """Keep what is known of a capture now."""
    known = LIVE_CAPTURES.c.session_id == capture.session_id
    db.execute(update(LIVE_CAPTURES).where(known).values(**_capture_columns(capture)))


def name_stream(db: Transaction, session_id: str, stream_id: str) -> None:
    """Keep which stream a capture is of; that it is to be ended stays."""
    found = capture(db, session_id)
    if found is not None:
        known = LIVE_CAPTURES.c.session_id == session_id
        payload = found[0].model_copy(update={"stream_id": stream_id}).model_dump_json()
        db.execute(update(LIVE_CAPTURES).where(known).values(payload=payload))


def capture(db: Transaction, session_id: str) -> tuple[Capture, bytes] | None:
    """A capture and its wrapped key; null when there is none."""
    row = db.execute(
        select(LIVE_CAPTURES.c.payload, LIVE_CAPTURES.c.wrapped_key).where(LIVE_CAPTURES.c.session_id == session_id)
    ).first()
    return None if row is None else (from_json(Capture, row.payload), row.wrapped_key)


def captures(db: Transaction) -> tuple[Capture, ...]:
    """Every capture, newest first."""
    found = [from_json(Capture, payload) for payload in db.execute(select(LIVE_CAPTURES.c.payload)).scalars()]
    return tuple(sorted(found, key=lambda one: (one.began_at, one.session_id), reverse=True))


def forget_capture(db: Transaction, session_id: str) -> None:
    """Forget a capture and its key: what its journal holds can never be read again."""
    db.execute(delete(LIVE_CAPTURES).where(LIVE_CAPTURES.c.session_id == session_id))


def ask_to_end(db: Transaction, call_id: str, stream_id: str | None) -> bool:
    """Have the relay, in whatever process it is, hang up on a call's streams, or on one of them; whether one is."""
    found = False
    for one in captures(db):
        if (
            one.call_id == call_id
            and not one.relay
            and one.state is CaptureState.RECEIVING
            and stream_id in (None, "", one.stream_id)
        ):
            known = LIVE_CAPTURES.c.session_id == one.session_id
            db.execute(update(LIVE_CAPTURES).where(known).values(state=_TO_BE_ENDED))
            found = True
    return found


def asked_to_end(db: Transaction) -> tuple[str, ...]:
    """The sessions of captures that are to be ended."""
    found = select(LIVE_CAPTURES.c.session_id).where(LIVE_CAPTURES.c.state == _TO_BE_ENDED)
    return tuple(db.execute(found).scalars())


def save_stream(db: Transaction, stream: StreamInfo) -> None:
    """Keep what is known of a stream, in place of what was."""
    key = {"connection": stream.connection, "call_id": stream.call_id, "stream_id": stream.stream_id}
    db.execute(delete(LIVE_STREAMS).where(*(LIVE_STREAMS.c[name] == value for name, value in key.items())))
    db.execute(insert(LIVE_STREAMS).values(**key, state=stream.state.value, payload=stream.model_dump_json()))


def streams(db: Transaction, connection: str | None = None, call_id: str | None = None) -> tuple[StreamInfo, ...]:
    """The streams that are known, of one call or of all, by id."""
    wanted = select(LIVE_STREAMS.c.payload).order_by(LIVE_STREAMS.c.call_id, LIVE_STREAMS.c.stream_id)
    if connection is not None:
        wanted = wanted.where(LIVE_STREAMS.c.connection == connection)
    if call_id is not None:
        wanted = wanted.where(LIVE_STREAMS.c.call_id == call_id)
    return tuple(from_json(StreamInfo, payload) for payload in db.execute(wanted).scalars())


def forget_stream(db: Transaction, stream: StreamInfo) -> None:
    """Forget one stream."""
    key = {"connection": stream.connection, "call_id": stream.call_id, "stream_id": stream.stream_id}
    db.execute(delete(LIVE_STREAMS).where(*(LIVE_STREAMS.c[name] == value for name, value in key.items())))


def unsettled_streams(db: Transaction) -> tuple[StreamInfo, ...]:
    """Streams that were told to stop and of which nobody knows whether they did."""
    wanted = select(LIVE_STREAMS.c.payload).where(LIVE_STREAMS.c.state == StreamState.UNKNOWN.value)
    return tuple(from_json(StreamInfo, payload) for payload in db.execute(wanted).scalars())


def save_relay(db: Transaction, payload: str | None) -> None:
    """Keep where the relay is; null when it is nowhere."""
    db.execute(delete(LIVE_RELAY))
    if payload is not None:
        db.execute(insert(LIVE_RELAY).values(one=1, payload=payload))


def relay(db: Transaction) -> str | None:
    """Where the relay said it is."""
    return db.execute(select(LIVE_RELAY.c.payload)).scalar()


def _capture_columns(capture: Capture) -> dict[str, str]:
    return {
        "session_id": capture.session_id,
        "call_id": capture.call_id,
        "state": capture.state.value,
        "payload": capture.model_dump_json(),
    }


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
