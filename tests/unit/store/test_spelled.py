"""Lines of JSON that the database spells are those that the values give, and no row that is no value becomes one."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from parts.stored import NOON, annotation
from qa_player.errors import IntegrityError
from qa_player.formats.annotation_row import COLUMNS, annotation_rows
from qa_player.formats.json_lines import flat_lines
from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.model.transcript import Role
from qa_player.store import annotations, handing_on
from qa_player.store.database import Database
from qa_player.store.spelled import Spelled, annotation_lines
from qa_player.store.tables import ANNOTATIONS

SIGNS = [chr(code) for code in range(0x100)] + ["“", "€", "\u2028", "\ufeff", "\uffff", "😀", '"', "\\", "},{", '","']


async def keep(database: Database, *some: Annotation) -> None:
    await database.write(lambda db: [annotations.add(db, one) for one in some] and None)


async def spelled(database: Database) -> Spelled | None:
    found = await database.read(lambda db: annotation_lines(db, "acme", ["sess_1"], COLUMNS))
    return found.get("sess_1")


def chosen(chance: random.Random, number: int) -> Annotation:
    """One of every kind, with every sign in its texts and what can be missing missing by chance."""
    kind = chance.choice(list(AnnotationKind))
    start_ms = chance.choice((0, 5, 5, 700)) if kind in ("span", "moment") or chance.random() < 0.5 else None
    made = NOON + timedelta(microseconds=chance.choice((0, 0, 1, 999, 1_000, 999_999, 1_000_000)))
    return annotation(
        number,
        annotation_id="".join(chance.choices(SIGNS, k=12)) + str(number),
        kind=kind,
        start_ms=start_ms,
        end_ms=start_ms + 300 if start_ms is not None and kind == "span" else None,
        turn_index=chance.choice((None, 0, 2**53 - 1)) if kind != "correction" else 3,
        role=chance.choice((None, *Role)),
        severity=chance.choice((None, *Severity)),
        quote="".join(chance.choices(SIGNS, k=40)),
        text="".join(chance.choices(SIGNS, k=chance.randrange(40))),
        tag=chance.choice(SIGNS),
        author=chance.choice(SIGNS),
        created_at=made,
        updated_at=made + timedelta(days=chance.randrange(800), microseconds=chance.choice((0, 5))),
        private=chance.random() < 0.2,
    )


async def test_the_bytes_are_those_of_the_values(database: Database) -> None:
    chance = random.Random(11)
    await keep(database, *(chosen(chance, number) for number in range(400)))
    values = (await database.read(lambda db: handing_on.annotations_of(db, "acme", ["sess_1"])))["sess_1"]
    found = await spelled(database)
    assert found is not None
    assert (found.lines, found.count) == (flat_lines(annotation_rows(values)), len(values))
    assert 200 < found.count < 400


async def test_sessions_are_told_apart_and_one_without_any_has_no_line(database: Database) -> None:
    await keep(database, annotation(1), annotation(2, session_id="sess_2"), annotation(3, session_id="sess_2"))
    found = await database.read(lambda db: annotation_lines(db, "acme", ["sess_2", "sess_9", "sess_1"], COLUMNS))
    assert {one: told.count for one, told in found.items()} == {"sess_2": 2, "sess_9": 0, "sess_1": 1}
    assert found["sess_9"].lines == b""


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "guess"},
        {"role": "robot"},
        {"severity": "dire"},
        {"start_ms": -1},
        {"end_ms": 400 * 24 * 3_600_000 + 1},
        {"start_ms": 2_000, "end_ms": 1_999},
        {"start_ms": None},
        {"end_ms": None},
        {"kind": "moment"},
        {"kind": "correction", "turn_index": None},
        {"turn_index": 2**53},
        {"turn_index": -1},
        {"tag": ""},
        {"tag": "t" * 201},
        {"author": "a" * 2_001},
        {"text": "t" * 100_001},
        {"created_at": "yesterday"},
        {"created_at": "2026-02-30T12:00:00Z"},
        {"created_at": "2026-02-03T24:00:00Z"},
        {"created_at": "2026-13-03T12:00:00Z"},
        {"created_at": "0000-01-03T12:00:00Z"},
        {"created_at": "2026-02-03T12:61:00Z"},
        {"updated_at": "2026-02-03T12:00:00.5X"},
        {"revision": 0},
        {"extra": "[]"},
        {"extra": "{"},
        {"private": 2},
    ],
    ids=str,
)
async def test_a_row_that_is_no_annotation_is_not_spelled(database: Database, changed: dict[str, Any]) -> None:
    await keep(database, annotation(1), annotation(2))
    here = ANNOTATIONS.c.annotation_id == "note-2"
    await database.write(lambda db: db.execute(update(ANNOTATIONS).where(here).values(changed)))
    assert await spelled(database) is None
    with pytest.raises(IntegrityError):
        await database.read(lambda db: annotations.of_session(db, "acme", "sess_1"))


@pytest.mark.parametrize(
    "changed",
    [{"extra": '{"colour": "red"}'}, {"created_at": "2026-02-03T14:00:00+02:00"}, {"tag": "é" * 150}],
    ids=str,
)
async def test_what_is_rare_is_left_to_the_values(database: Database, changed: dict[str, Any]) -> None:
    told = annotation(1).model_dump(mode="json") | {"extra": "{}", "private": 0} | changed
    await database.write(lambda db: db.execute(insert(ANNOTATIONS), told))
    assert await spelled(database) is None
    assert len(await database.read(lambda db: annotations.of_session(db, "acme", "sess_1"))) == 1
