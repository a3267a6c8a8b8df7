"""Files that are not what they should be: refused, or told line by line, and never half taken in."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from parts.desk import Desk
from qa_player.errors import UsageError
from qa_player.formats.transcript_file import LARGEST_FILE
from qa_player.model.annotation import Annotation

PLACE = ("acme", "sess_000001")

SLOTS = '<TIME_SLOT TIME_SLOT_ID="{0}" TIME_VALUE="{1}"/>'
SPAN = (
    '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{0}" TIME_SLOT_REF1="t{1}" TIME_SLOT_REF2="t{2}">'
    "<ANNOTATION_VALUE>{0}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
)


def eaf(*spans: tuple[str, int, int]) -> bytes:
    """One tier of annotations (text, start, end)."""
    slots = "".join(SLOTS.format(f"t{at}", at) for at in sorted({at for _, *ends in spans for at in ends}))
    return (
        f"<ANNOTATION_DOCUMENT><TIME_ORDER>{slots}</TIME_ORDER>"
        f'<TIER TIER_ID="tone">{"".join(SPAN.format(*span) for span in spans)}</TIER></ANNOTATION_DOCUMENT>'
    ).encode()


def textgrid(*spans: tuple[str, int, int]) -> bytes:
    """The short form, one tier of intervals (text, start, end)."""
    lines = ['"ooTextFile"', '"TextGrid"', "0", "10", "<exists>", "1", '"IntervalTier"', '"tone"', "0", "10"]
    lines.append(str(len(spans)))
    for text, start, end in spans:
        lines += [str(start / 1_000), str(end / 1_000), f'"{text}"']
    return "\n".join(lines).encode()


def rows(*given: dict[str, object]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in given).encode()


def table(*given: dict[str, object]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=["start_ms", "end_ms", "tag", "text"], restval="")
    writer.writeheader()
    writer.writerows(given)
    return text.getvalue().encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "peer"


async def kept(desk: Desk) -> tuple[Annotation, ...]:
    return await desk.review.of_session(*PLACE)


async def refused_whole(desk: Desk, path: Path, told: str, form: str | None = None) -> None:
    """Nothing of it is there, and the trail knows of no import."""
    before = await kept(desk)
    with pytest.raises(UsageError, match=told):
        await desk.imports.annotations(*PLACE, path, format=form)
    assert await kept(desk) == before
    assert await desk.events("annotations.imported") == []
    assert (await desk.audit.verify()).consistent


@pytest.mark.parametrize("name", ["eaf", "textgrid"])
async def test_intervals_that_overlap_on_one_tier_are_read_and_told(connected: Desk, path: Path, name: str) -> None:
    spans = (("late", 700, 900), ("one", 0, 400), ("two", 300, 500), ("three", 500, 600))
    path.write_bytes(eaf(*spans) if name == "eaf" else textgrid(*spans))
    imported = await connected.imports.annotations(*PLACE, path)
    assert (imported.format, imported.added) == (name, 4)
    assert imported.refused == ("Interval 3 overlaps one before it on its tier; both were read.",)
    taken = await connected.transcripts.take_in(*PLACE, path)
    (problem,) = taken.given.problems
    assert problem.endswith(" 3 overlaps one before it on its tier; both were read.")
    assert [turn.text for turn in taken.given.turns] == ["one", "two", "three", "late"]


async def test_times_past_the_end_are_refused_by_line_once_the_length_is_known(connected: Desk, path: Path) -> None:
    path.write_bytes(table({"start_ms": 0, "tag": "good"}, {"start_ms": 5_000, "end_ms": 6_000, "tag": "late"}))
    imported = await connected.imports.annotations(*PLACE, path)
    assert (imported.added, imported.refused) == (
        2,
        ("Line 3: it lies past the end that the provider tells; it was taken in.",),
    )
    await connected.recordings.fetch(*PLACE, out=None, reason="", progress=lambda *_: None)
    path.write_bytes(
        table(
            {"start_ms": 1, "tag": "good"},
            {"start_ms": 5_000, "tag": "a moment"},
            {"start_ms": 0, "end_ms": 6_000, "tag": "a span"},
            {"start_ms": -5, "tag": "before"},
            {"start_ms": 400 * 24 * 3_600_000 + 1, "tag": "never"},
        )
    )
    imported = await connected.imports.annotations(*PLACE, path)
    assert imported.added == 1
    assert sorted(sentence[:7] for sentence in imported.refused) == ["Line 3:", "Line 4:", "Line 5:", "Line 6:"]


@pytest.mark.parametrize("make", [rows, table])
async def test_a_comment_of_200_000_characters_is_refused_by_its_line(
    connected: Desk, path: Path, make: object
) -> None:
    assert callable(make)
    path.write_bytes(
        make(
            {"start_ms": 0, "tag": "long", "text": "x\n" * 100_000},
            {"start_ms": 1, "tag": "as long as can be", "text": "y" * 100_000},
        )
    )
    imported = await connected.imports.annotations(*PLACE, path)
    first = 1 if make is rows else 2
    assert imported.refused == (f"Line {first}: The annotation's text cannot be used.",)
    (one,) = await kept(connected)
    assert len(one.text) == 100_000


async def test_ids_that_stand_twice_or_are_taken_are_told(connected: Desk, path: Path) -> None:
    path.write_bytes(rows({"start_ms": 0, "tag": "one", "annotation_id": "same"}))
    await connected.imports.annotations(*PLACE, path)
    path.write_bytes(
        rows(
            {"start_ms": 0, "tag": "two", "annotation_id": "same"},
            {"start_ms": 0, "tag": "three", "annotation_id": "new"},
            {"start_ms": 0, "tag": "four", "annotation_id": "new"},
        )
    )
    imported = await connected.imports.annotations(*PLACE, path)
    assert set(imported.refused) == {
        "Line 1: its id is another annotation's; it was taken in under a new one.",
        "Line 3: an annotation with this id stands above.",
    }
    assert {one.tag: one.annotation_id for one in await kept(connected)} | {"two": ""} == {
        "one": "same",
        "two": "",
        "three": "new",
    }


async def test_an_id_that_stands_twice_in_our_own_captions_is_told(connected: Desk, path: Path) -> None:
    note = "NOTE\nannotation same\n00:00.100 tone\nby rita, 2026-03-02T12:00:00Z\n\n"
    path.write_text("WEBVTT\n\n" + note + note.replace("tone", "other"))
    imported = await connected.imports.annotations(*PLACE, path)
    assert (imported.added, imported.refused) == (1, ("Line 8: an annotation with this id stands above.",))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("jsonl", rows({"start_ms": 0, "tag": "tone", "session_id": "sess_other"})),
        ("csv", b"session_id,start_ms,tag\r\nsess_other,0,tone\r\n"),
        ("json", json.dumps({"session": {"session_id": "x"}, "annotations": [{"start_ms": 0, "tag": "t"}]}).encode()),
        ("vtt", b"WEBVTT\n\nNOTE\nsession: sess_other\n\nNOTE\nannotation a\n00:00.100 tone\nby r, 2026-03-02\n"),
        ("label-studio", b'[{"data": {"qa_player": {"session": "x"}}, "annotations": []}]'),
    ],
)
async def test_a_file_of_another_session_is_refused_whole(connected: Desk, path: Path, name: str, data: bytes) -> None:
    path.write_bytes(data)
    await refused_whole(connected, path, "another session", name)


async def test_a_file_of_several_sessions_is_refused_whole(connected: Desk, path: Path) -> None:
    path.write_bytes(rows(*({"start_ms": 0, "tag": "t", "session_id": one} for one in ("sess_000001", "sess_2"))))
    await refused_whole(connected, path, "several sessions")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("make", [rows, table])
async def test_other_spellings_of_unicode_are_read(connected: Desk, path: Path, encoding: str, make: object) -> None:
    assert callable(make)
    path.write_bytes(make({"start_ms": 0, "tag": "grüßen", "text": "naïve €"}).decode().encode(encoding))
    imported = await connected.imports.annotations(*PLACE, path)
    assert (imported.added, imported.refused) == (1, ())
    (one,) = await kept(connected)
    assert (one.tag, one.text) == ("grüßen", "naïve €")


async def test_bytes_that_are_no_text_are_told_by_their_lines(connected: Desk, path: Path) -> None:
    path.write_bytes("0.100000\t0.200000\tplain\n0.300000\t0.400000\tgrüßen\n".encode("latin-1"))
    imported = await connected.imports.annotations(*PLACE, path)
    assert imported.added == 2
    assert imported.refused == ("Line 2: what is no text in UTF-8 was replaced by \ufffd; save the file as UTF-8.",)
    path.write_bytes("1\n00:00:00,000 --> 00:00:01,000\nGrüße\n".encode("latin-1"))
    taken = await connected.transcripts.take_in(*PLACE, path)
    assert taken.given.problems == ("Line 3: what is no text in UTF-8 was replaced by \ufffd; save the file as UTF-8.",)


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
@pytest.mark.parametrize("form", [None, "csv"])
async def test_an_empty_file_is_refused(connected: Desk, path: Path, data: bytes, form: str | None) -> None:
    path.write_bytes(data)
    await refused_whole(connected, path, "cannot be read", form)


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(connected: Desk, path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    await refused_whole(connected, path, "larger than 64 MiB")
    with pytest.raises(UsageError, match="larger than 64 MiB"):
        await connected.transcripts.take_in(*PLACE, path)


async def test_more_annotations_than_a_session_takes_are_refused_whole(connected: Desk, path: Path) -> None:
    path.write_bytes(b'{"start_ms": 0, "tag": "t"}\n' * 100_001)
    await refused_whole(connected, path, "more than 100,000 annotations", "jsonl")


@pytest.mark.parametrize("depth", [40, 500, 900, 100_000])
async def test_fields_nested_too_deeply_are_refused_by_their_line(connected: Desk, path: Path, depth: int) -> None:
    deep = '{"start_ms": 0, "tag": "deep", "field": ' + "[" * depth + "]" * depth + "}\n"
    path.write_text('{"start_ms": 0, "tag": "good"}\n' + deep + '{"start_ms": 1, "tag": "good"}\n')
    imported = await connected.imports.annotations(*PLACE, path, format="jsonl")
    assert imported.added == 2
    (sentence,) = imported.refused
    assert sentence.startswith("Line 2: ")
    path.write_text(
        '{"session": {}, "annotations": [{"start_ms": 0, "tag": "t", "x": ' + "[" * depth + "]" * depth + "}]}"
    )
    with pytest.raises(UsageError):
        await connected.imports.annotations(*PLACE, path, format="json")
    assert len(await kept(connected)) == 2


@pytest.mark.parametrize(
    "row",
    [
        {"start_ms": "soon", "tag": "t"},
        {"start_ms": 1e300, "tag": "t"},
        {"start_ms": True, "tag": "t"},
        {"start_ms": 0},
        {"start_ms": 0, "tag": " "},
        {"start_ms": 0, "tag": "t", "severity": "mild"},
        {"tag": "nowhere"},
        {"start_ms": 0, "tag": "t", "author": "a" * 3_000},
        {"start_ms": 0, "tag": "t", **{f"field {number}": 1 for number in range(200)}},
    ],
)
async def test_a_line_that_makes_no_sense_is_told_and_hides_no_other(
    connected: Desk, path: Path, row: dict[str, object]
) -> None:
    path.write_bytes(rows({"start_ms": 0, "tag": "good"}, row))
    imported = await connected.imports.annotations(*PLACE, path, format="jsonl")
    assert imported.added == 1
    (sentence,) = imported.refused
    assert sentence.startswith("Line 2: ")


async def test_a_broken_line_does_not_move_the_numbers_of_those_below(connected: Desk, path: Path) -> None:
    path.write_bytes(b'start_ms,tag,text\r\n0,one,"two\r\nlines"\r\n-1,bad,\r\n5,two,\r\n')
    imported = await connected.imports.annotations(*PLACE, path, format="csv")
    assert imported.refused == ("Line 4: start_ms is no whole number of milliseconds or turns.",)
    path.write_bytes(b'start_ms,tag\r\n0,"never closed\r\n')
    imported = await connected.imports.annotations(*PLACE, path, format="csv")
    assert imported.added == 1, "what stands there to the end is its tag"


async def test_a_span_that_ends_before_it_starts_is_refused_and_is_no_moment(connected: Desk, path: Path) -> None:
    path.write_text("0.1\t0.2\tgood\n0.5\t0.3\tback\n")
    imported = await connected.imports.annotations(*PLACE, path, format="audacity")
    assert (imported.added, imported.refused) == (1, ("Line 2: A span must end after it starts.",))
    assert [one.end_ms for one in await kept(connected)] == [200]
