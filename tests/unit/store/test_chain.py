"""Every change of a single bit in a chain is found, and so is every row that is out of its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qa_player.canonical import NOTHING_BEFORE, keyed_digest
from qa_player.store.chain import COVERED, Chain, detail_text, link_digest

Row = dict[str, Any]


def chained(length: int) -> list[Row]:
    rows: list[Row] = []
    for sequence in range(1, length + 1):
        row: Row = {
            "sequence": sequence,
            "at": f"2026-03-02T12:00:{sequence:02}.000000Z",
            "actor": "Rita",
            "action": "annotation.added",
            "connection": "acme",
            "session_id": None if sequence % 5 == 0 else "sess_1",
            "subject": f"note-{sequence}",
            "detail": detail_text({"kind": "span", "é": [1, None, True]}),
            "content_hmac": None if sequence % 7 == 0 else keyed_digest(b"k" * 32, bytes([sequence])),
            "previous": rows[-1]["digest"] if rows else NOTHING_BEFORE,
        }
        rows.append(row | {"digest": link_digest(row)})
    return rows


def damage(rows: list[Row]) -> str | None:
    chain = Chain()
    return next((told for row in rows if (told := chain.follow(row)) is not None), None)


def flips(value: object) -> Iterator[object]:
    """Every value that differs from ``value`` by one bit of what the database holds; text that is none is left out:
    the database refuses to read it."""
    if isinstance(value, int):
        yield from (value ^ (1 << bit) for bit in range(63))
    elif isinstance(value, str):
        data = value.encode()
        for bit in range(len(data) * 8):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            try:
                yield flipped.decode()
            except UnicodeDecodeError:
                continue
    else:
        yield from ("", "\x00", 0)


def test_a_whole_chain_holds() -> None:
    assert damage(chained(20)) is None
    assert damage([]) is None


def test_every_bit_of_twenty_entries_counts() -> None:
    rows = chained(20)
    chain = Chain()
    tried = 0
    for row in rows:
        for name in (*COVERED, "digest"):
            for flipped in flips(row[name]):
                tried += 1
                before = Chain()
                before.entries, before.last = chain.entries, chain.last
                assert before.follow(row | {name: flipped}) is not None, (
                    f"{name} of entry {row['sequence']}: {flipped!r}"
                )
        assert chain.follow(row) is None
    assert tried > 40_000


def test_rows_that_are_missing_twice_swapped_or_foreign_are_named() -> None:
    rows = chained(12)
    foreign = chained(13)
    for entry in range(11):
        assert damage(rows[:entry] + rows[entry + 1 :]) is not None, "deleted"
        assert damage(rows[: entry + 1] + rows[entry:]) is not None, "twice"
        swapped = rows.copy()
        swapped[entry], swapped[entry + 1] = swapped[entry + 1], swapped[entry]
        assert damage(swapped) == f"Entry {entry + 1} of the audit trail is missing or out of place."
        renumbered = [row | {"sequence": number} for number, row in enumerate(swapped, start=1)]
        assert damage(renumbered) is not None, "swapped and numbered anew"
    other = [row | {"actor": "Mallory"} for row in foreign]
    spliced = rows[:6] + [row | {"digest": link_digest(row)} for row in other[6:]]
    assert damage(spliced) == "Entry 8 of the audit trail does not follow the one before it."


def test_another_spelling_of_the_same_detail_is_another_row() -> None:
    row = chained(1)[0]
    for text in (
        '{"kind": "span","é":[1,null,true]}',
        '{"kind":"span","\\u00e9":[1,null,true]}',
        '{"kind":"span","é":[1.0,null,true]}',
        '{"kind":"span","kind":"span","é":[1,null,true]}',
        '{"é":[1,null,true],"kind":"span"}',
        '{"kind":"span","e\u0301":[1,null,true]}',
        '{"kind":"\\ud800","é":[1,null,true]}',
        '{"kind":NaN}',
        "[" * 100_000,
        "",
    ):
        assert Chain().follow(row | {"detail": text}) == "Entry 1 of the audit trail is not what was written."
    for value in (None, 1, b"{}", 1.5):
        assert Chain().follow(row | {"detail": value}) is not None
        assert Chain().follow(row | {"actor": value}) is not None


def test_a_cut_tail_is_what_a_chain_cannot_see() -> None:
    """Why the verdict never says that the end is proven."""
    assert damage(chained(20)[:10]) is None
