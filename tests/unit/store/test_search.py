"""Full text across sessions: newest first, each hit at its moment, and whatever is typed is only words."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from parts.stored import NOON, annotate, annotation, detail, session
from qa_player.errors import UsageError
from qa_player.model.review_state import ReviewProgress, ReviewState
from qa_player.model.search import Hit, HitKind, Sought
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, Turn
from qa_player.store import annotations, audit, review_states, search, sessions, timings
from qa_player.store.database import Database
from qa_player.store.search_query import expression


def turn(index: int, text: str, *, role: Role = Role.AGENT, at_ms: int = 0) -> Turn:
    return Turn(index=index, role=role, raw_role=role.value, speaker=None, text=text, raw_start_ms=at_ms)


async def keep(database: Database, number: int, *texts: str, digest: str = "a", **changes: Any) -> None:
    """The ``number``-th session with turns of these texts, a second apart, by agent and customer in turn."""
    turns = tuple(
        turn(at, text, role=Role.USER if at % 2 else Role.AGENT, at_ms=at * 1_000) for at, text in enumerate(texts)
    )
    kept = detail(session(number, **changes), turns=turns, transcript_digest=digest * 64)
    await database.write(lambda db: sessions.save_detail(db, kept))


async def found(database: Database, text: str, **narrowed: Any) -> tuple[Hit, ...]:
    return await database.read(lambda db: search.find(db, Sought(text=text, **narrowed)))


async def places(database: Database, text: str, **narrowed: Any) -> list[tuple[str, int | None]]:
    return [(hit.session_id, hit.turn_index) for hit in await found(database, text, **narrowed)]


async def test_the_newest_session_comes_first_and_turns_in_their_order(database: Database) -> None:
    await keep(database, 2, "The fee is nine euros.", "Which fee?")
    await keep(database, 7, "No fee.", "Good.", "A Fée at all")
    await keep(database, 5, "Nothing here.")
    assert await places(database, "fee") == [("sess_7", 0), ("sess_7", 2), ("sess_2", 0), ("sess_2", 1)]
    assert await places(database, "fee", limit=1) == [("sess_7", 2)]
    assert await places(database, '"nine euros"') == [("sess_2", 0)]
    assert await places(database, '"euros nine"') == []
    assert await places(database, "eur*") == [("sess_2", 0)]


async def test_each_filter_narrows(database: Database) -> None:
    await keep(database, 1, "fee one", "fee two")
    await keep(database, 2, "fee three", connection="other")
    await annotate(database, annotation(1, session_id="sess_1", tag="Unfair fee", text="too late"))
    assert await places(database, "fee", connection="other") == [("sess_2", 0)]
    assert await places(database, "fee", role=Role.USER) == [("sess_1", 1)]
    assert [hit.role for hit in await found(database, "fee", role=Role.USER)] == [Role.USER]
    (hit,) = await found(database, "late", tag="unfair FEE")
    assert (hit.kind, hit.turn_index, hit.tag, hit.session_id) == (HitKind.ANNOTATION, None, "Unfair fee", "sess_1")
    assert len(await found(database, "fee")) == 4
    assert await places(database, "three", since=NOON + timedelta(hours=2)) == [("sess_2", 0)]
    assert await places(database, "three", since=NOON + timedelta(hours=2, seconds=1)) == []
    low = ReviewProgress(
        connection="acme", session_id="sess_1", state=ReviewState.DONE, changed_at=NOON, changed_by="r", score=4_000
    )
    await database.write(lambda db: review_states.save(db, low))
    assert {place for place, _ in await places(database, "fee", below=4_001)} == {"sess_1"}
    assert await places(database, "fee", below=4_000) == []


async def test_a_hit_lies_where_the_timing_in_force_puts_it(database: Database) -> None:
    await keep(database, 1, "one", "two")
    (hit,) = await found(database, "two")
    assert hit.start_ms == 997, "the provider's own offset is -3 ms"
    set_by_hand = Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PERSON, offset_ms=1_370)
    await database.write(lambda db: timings.save(db, "acme", "sess_1", set_by_hand))
    (hit,) = await found(database, "two")
    assert hit.start_ms == 2_370


async def test_what_is_changed_or_gone_is_not_found_any_more(database: Database) -> None:
    await keep(database, 1, "before")
    await keep(database, 1, "after", digest="b")
    await annotate(database, annotation(1, session_id="sess_1", text="first"))
    changed = annotation(1, session_id="sess_1", text="second", revision=2)
    await database.write(lambda db: annotations.replace(db, changed, expected_revision=1))
    assert (await places(database, "before"), await places(database, "first")) == ([], [])
    assert (len(await places(database, "after")), len(await places(database, "second"))) == (1, 1)
    await database.write(lambda db: annotations.delete(db, "note-1", expected_revision=2))
    assert await places(database, "second") == []
    assert (
        await database.read(audit.verify)
    ).damage != "The database file is damaged: a page of it is not what was written."


async def test_what_was_kept_before_there_was_an_index_is_put_into_it(database: Database) -> None:
    for number in range(3):
        await keep(database, number, "fee")
    await database.write(lambda db: db.exec_driver_sql("DELETE FROM search"))
    await database.write(lambda db: db.exec_driver_sql("DELETE FROM search_indexed"))
    assert len(await database.read(lambda db: search.unindexed(db, 2))) == 2
    left = await database.read(lambda db: search.unindexed(db, 10))
    await database.write(lambda db: [search.index_turns(db, one) for one in left])
    assert await database.read(lambda db: search.unindexed(db, 10)) == []
    assert len(await places(database, "fee")) == 3


@pytest.mark.parametrize("text", ["", "  ", '""', "***", "!?", "\x00"])
def test_without_a_word_there_is_nothing_to_seek(text: str) -> None:
    with pytest.raises(UsageError):
        expression(text)


async def test_whatever_is_typed_is_no_language(database: Database) -> None:
    """Two hundred texts of what means something to the index, to SQL, or to nobody."""
    letters = [
        '"',
        "'",
        "*",
        "(",
        ")",
        ":",
        "^",
        "-",
        "+",
        "{",
        "}",
        "\x00",
        "\ufffe",
        "AND",
        "NOT",
        "NEAR",
        "fee",
        " ",
        "é",
        "字",
    ]
    chance = random.Random(4)
    for _ in range(200):
        text = "".join(chance.choices(letters, k=chance.randrange(1, 12)))
        try:
            await places(database, text)
        except UsageError:
            assert not any(letter.isalnum() for letter in text), text
