"""A file that is damaged anywhere is noticed, whoever reads it next; nothing that was written comes back altered."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from parts.stored import KEY, annotation, detail, session
from parts.stored import annotate as annotated
from qa_player.errors import DatabaseError, IntegrityError
from qa_player.store import annotations, audit, sessions
from qa_player.store.database import Database
from qa_player.store.sqlcipher import connect

PAGE = 4096


async def filled(path: Path) -> bytes:
    """A database with something in every table that a reviewer's work reaches."""
    database = await Database.open(path, KEY)
    for number in range(12):
        await annotated(database, annotation(number))
    page = [session(number) for number in range(40)]
    await database.write(lambda db: sessions.save_page(db, page))
    await database.write(lambda db: sessions.save_detail(db, detail(page[0], raw=bytes(30_000))))
    # free pages are part of the file too
    await database.write(lambda db: sessions.save_detail(db, detail(page[0], raw=b"")))
    await database.aclose()
    return path.read_bytes()


async def noticed(path: Path) -> str | None:
    """What is said of the damage on opening or verifying; null when nothing is."""
    try:
        database = await Database.open(path, KEY)
    except IntegrityError as error:
        return error.message
    try:
        verdict = await database.read(audit.verify)
    finally:
        await database.aclose()
    assert verdict.consistent == (verdict.damage is None)
    return verdict.damage


async def test_the_whole_file_is_consistent(path: Path) -> None:
    whole = await filled(path)
    assert await noticed(path) is None
    assert len(whole) > 20 * PAGE


async def test_a_flipped_bit_on_any_page_is_noticed(path: Path) -> None:
    whole = await filled(path)
    chance = random.Random(7)
    for page in range(len(whole) // PAGE):
        for place in {0, PAGE - 1, chance.randrange(PAGE), chance.randrange(PAGE)}:
            damaged = bytearray(whole)
            damaged[page * PAGE + place] ^= 1 << chance.randrange(8)
            path.write_bytes(damaged)
            assert await noticed(path) is not None, f"byte {place} of page {page + 1}"
    path.write_bytes(whole)
    assert await noticed(path) is None, "the control: it is the flips that are noticed"


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(20))
async def test_2000_flips_are_noticed(path: Path, seed: int) -> None:
    whole = await filled(path)
    chance = random.Random(seed)
    for _ in range(100):
        damaged = bytearray(whole)
        place = chance.randrange(len(whole))
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        assert await noticed(path) is not None, f"seed {seed}, byte {place}"


async def test_pages_that_are_cut_off_emptied_exchanged_or_added_are_noticed(path: Path) -> None:
    whole = await filled(path)
    pages = [whole[start : start + PAGE] for start in range(0, len(whole), PAGE)]
    last = len(pages) - 1
    damages = {
        "cut in a page": whole[:-100],
        "cut to less than a page": whole[:300],
        "half of it": whole[: len(whole) // 2],
        "added": whole + bytes(PAGE),
        "grown by a bit": whole + b"\x00",
        "another first page": b"".join([pages[1], *pages[1:]]),
        "only noise": random.Random(1).randbytes(PAGE) + whole[PAGE:],
    }
    for page in (0, 1, last // 2, last):
        if page > 0:
            damages[f"page {page + 1} cut off"] = b"".join(pages[:page] + pages[page + 1 :])
        damages[f"page {page + 1} emptied"] = b"".join([*pages[:page], bytes(PAGE), *pages[page + 1 :]])
        other = (page + 1) % len(pages)
        damages[f"page {page + 1} as page {other + 1}"] = b"".join([*pages[:other], pages[page], *pages[other + 1 :]])
    for what, data in damages.items():
        path.write_bytes(data)
        assert await noticed(path) is not None, what
    # nothing is left by which it could be known as ours, but nothing is taken for it either
    path.write_bytes(whole[PAGE:])
    with pytest.raises(DatabaseError, match="not a database of this program"):
        await Database.open(path, KEY)


async def test_a_page_of_an_older_copy_is_noticed(path: Path) -> None:
    """Each page of the older copy is whole and sealed with the same key; only together they tell."""
    older = await filled(path)
    database = await Database.open(path, KEY)
    await database.write(
        lambda db: annotations.replace(db, annotation(3, text="x" * 50, revision=2), expected_revision=1)
    )
    await database.aclose()
    assert await noticed(path) == "An annotation is not what entry 4 of the audit trail says was written."
    path.write_bytes(older)
    assert await noticed(path) is None


async def test_a_log_that_is_damaged_never_alters_what_is_read(path: Path, tmp_path: Path) -> None:
    """What was only in the log is gone from the damage on, as after a power cut. That is all that can happen: which
    commits are missing then, no chain can tell without an anchor."""
    database = await Database.open(path, KEY)
    for number in range(20):
        await annotated(database, annotation(number))
    copies = {name: path.with_name(path.name + name).read_bytes() for name in ("", "-wal")}
    await database.aclose()
    log = copies["-wal"]
    assert len(log) > 20 * PAGE
    chance = random.Random(5)
    lengths = set()
    for copy in range(25):
        place = chance.randrange(len(log))
        damaged = bytearray(log)
        damaged[place] ^= 1 << chance.randrange(8)
        target = tmp_path / f"{copy}.db"
        target.write_bytes(copies[""])
        target.with_name(target.name + "-wal").write_bytes(damaged)
        try:
            database = await Database.open(target, KEY)
        except IntegrityError:
            continue
        verdict = await database.read(audit.verify)
        if verdict.consistent:
            found = await database.read(lambda db: annotations.of_session(db, "acme", "sess_1"))
            assert list(found) == [annotation(number) for number in range(len(found))]
            assert verdict.entries == len(found)
            lengths.add(len(found))
        await database.aclose()
    assert min(lengths) < 20, "the control: the damage must have reached commits"


async def test_damage_below_an_open_database_is_an_error_with_a_sentence(path: Path) -> None:
    whole = await filled(path)
    raw = connect(path, KEY)
    roots = raw.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'annotations'").fetchall()
    raw.close()
    damaged = bytearray(whole)
    for (page,) in roots:
        damaged[(page - 1) * PAGE + 1_000] ^= 1
    path.write_bytes(damaged)
    database = await Database.open(path, KEY)
    with pytest.raises(IntegrityError, match="damaged"):
        await database.read(lambda db: annotations.of_session(db, "acme", "sess_1"))
    assert not (await database.read(audit.verify)).consistent
    await database.aclose()
