"""Annotations come back out of every file that can hold them, and what cannot be carried is told by its line."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parts.reviews import annotation, small_review
from qa_player.errors import UsageError
from qa_player.formats import csv_table, json_lines
from qa_player.formats.annotation_file import GivenAnnotation
from qa_player.formats.annotation_readers import ANNOTATION_READERS, annotation_reader_for, read_annotations
from qa_player.formats.annotation_row import annotation_row, annotation_rows
from qa_player.formats.registry import FORMATS, format_named
from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.model.review import Review
from qa_player.model.value import MAX_MS

BOTH_WAYS = sorted(set(ANNOTATION_READERS) & set(FORMATS) - {"srt"})
WHOLE = {"json", "jsonl", "csv", "vtt", "label-studio"}
"""Formats that hold id and author too."""

TAGS = st.sampled_from(["compliance", "tone", "=1+1", "küche", "a, b"])
TEXTS = st.text(st.sampled_from("ab ñ字.,;!=\"'&<>-"), max_size=30).map(str.strip)


@st.composite
def marks(draw: st.DrawFn) -> tuple[Annotation, ...]:
    """Spans and moments by start, some of them at once."""
    found = []
    for number, start_ms in enumerate(sorted(draw(st.lists(st.integers(0, 8_000), max_size=6)))):
        is_span = draw(st.booleans())
        found.append(
            annotation(
                number,
                kind=AnnotationKind.SPAN if is_span else AnnotationKind.MOMENT,
                start_ms=start_ms,
                end_ms=start_ms + draw(st.integers(2, 900)) if is_span else None,
                tag=draw(TAGS),
                text=draw(TEXTS),
                severity=draw(st.none() | st.sampled_from(Severity)),
            )
        )
    return tuple(found)


def with_marks(*annotations: Annotation) -> Review:
    return small_review().model_copy(update={"annotations": annotations})


def said(item: GivenAnnotation | Annotation) -> tuple[object, ...]:
    """Where, what and how bad."""
    return (item.start_ms, item.end_ms, item.tag, item.severity.value if item.severity else None, item.text)


@pytest.mark.parametrize("name", BOTH_WAYS)
@given(annotations=marks())
@example(annotations=(annotation(1, kind=AnnotationKind.MOMENT, end_ms=None, text="-->"),))
@example(annotations=(annotation(1, tag="start_ms ooTextFile", text="WEBVTT"),))
def test_what_was_written_comes_back(name: str, annotations: tuple[Annotation, ...]) -> None:
    data = format_named(name).write(with_marks(*annotations))
    if not annotations and name in ("vtt", "audacity", "eaf", "textgrid", "jsonl"):
        return  # an empty file, or one whose turns are all there is to take
    reader, given = read_annotations(data, f"x{FORMATS[name].ending}")
    assert reader.name == name
    assert [problem for problem in given.problems if "overlaps" not in problem] == []
    back = sorted((said(item) for item in given.items), key=str)
    assert back == sorted((said(item) for item in annotations), key=str)
    if name in WHOLE:
        assert {item.annotation_id for item in given.items} == {item.annotation_id for item in annotations}
        assert {item.author for item in given.items} <= {"R. Viewer"}


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=80)
FIELDS = st.dictionaries(
    st.text(st.sampled_from("abc_ñ"), min_size=1, max_size=5).map("their_{}".format),
    st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | ANY_TEXT, st.lists, max_leaves=4),
    max_size=3,
)


@st.composite
def whole_annotations(draw: st.DrawFn) -> tuple[Annotation, ...]:
    """Of every kind, with any text, in any order, up to the last millisecond that there can be."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(AnnotationKind))
        start_ms = draw(st.integers(0, MAX_MS - 1))
        found.append(
            annotation(
                number,
                kind=kind,
                start_ms=None if kind in (AnnotationKind.TURN, AnnotationKind.CORRECTION) else start_ms,
                end_ms=draw(st.integers(start_ms + 1, MAX_MS)) if kind is AnnotationKind.SPAN else None,
                turn_index=draw(st.integers(0, 3)),
                tag=draw(ANY_TEXT.map(lambda text: text.strip()[:200]).filter(bool)),
                text=draw(ANY_TEXT),
                severity=draw(st.none() | st.sampled_from(Severity)),
                author=draw(ANY_TEXT.filter(bool)),
                created_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=draw(st.integers(0, 10**13))),
                extra=draw(FIELDS),
            )
        )
    return tuple(found)


@pytest.mark.parametrize("name", ["json", "jsonl", "csv"])
@given(annotations=whole_annotations())
def test_every_field_of_every_kind_comes_back_from_our_own_rows(name: str, annotations: tuple[Annotation, ...]) -> None:
    _, given = read_annotations(format_named(name).write(with_marks(*annotations)), "x", name)
    assert (given.problems, given.session_id) == ((), "sess_1")
    for item, one in zip(given.items, annotations, strict=True):
        assert (item.annotation_id, item.author, item.created_at) == (one.annotation_id, one.author, one.created_at)
        assert said(item) == said(one)
        assert (item.turn_index, item.corrects) == (one.turn_index, one.kind is AnnotationKind.CORRECTION)
        assert dict(item.extra) == (dict(one.extra) if name == "json" else {})


@given(annotations=whole_annotations())
@example(annotations=(annotation(1, text="\x00=1", author="'=", tag='a "b", c', session_id="\r", annotation_id="-"),))
def test_what_is_written_fast_is_what_the_plain_way_gives(annotations: tuple[Annotation, ...]) -> None:
    rows = [annotation_row(one) for one in annotations]
    assert csv_table.annotation_lines(annotations) == csv_table.lines(row.values() for row in rows)
    assert list(annotation_rows(annotations)) == rows
    fast, plain = (write(rows).decode().split("\n")[:-1] for write in (json_lines.flat_lines, json_lines.lines))
    assert [json.loads(line) for line in fast] == [json.loads(line) for line in plain] == rows
    assert [list(json.loads(line)) for line in fast] == [list(row) for row in rows]


@pytest.mark.parametrize("text", ['},{"session_id":', '"},{"session_id":"x', "\\", '\\"},{"session_id":', "\n"])
def test_no_text_ends_a_line_of_json(text: str) -> None:
    rows = [annotation_row(annotation(number, text=text, session_id=text)) for number in range(3)]
    assert [json.loads(line) for line in json_lines.flat_lines(rows).splitlines()] == rows
    assert json_lines.flat_lines([]) == b""


@pytest.mark.parametrize("name", ["json", "label-studio"])
def test_fields_that_we_do_not_know_find_their_way_back(name: str) -> None:
    strange = annotation(1, extra={"score": 0.5, "worker": {"id": 7}})
    data = format_named(name).write(with_marks(strange))
    (item,) = read_annotations(data, f"x{FORMATS[name].ending}")[1].items
    assert dict(item.extra) == {"score": 0.5, "worker": {"id": 7}}


def test_unknown_columns_of_a_peer_are_kept() -> None:
    rows = b'{"start_ms": 1, "tag": "a", "mood": "calm"}\n{"start_ms": 5, "tag": "b"}\n'
    items = read_annotations(rows, "peer.jsonl")[1].items
    assert [dict(item.extra) for item in items] == [{"mood": "calm"}, {}]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"start_ms": "soon", "tag": "a"}', "Line 2: start_ms is no whole number"),
        (b'{"start_ms": 5}', "Line 2: it has no tag."),
        (b'{"start_ms": 5, "tag": "a", "severity": "awful"}', "Line 2: the severity is none of"),
        (b"nonsense", "Line 2: this is no JSON object."),
        (b'{"start_ms": 5, "tag": "b", "annotation_id": "x"}', "Line 2: an annotation with this id stands above."),
    ],
)
def test_a_bad_line_is_told_and_hides_no_good_one(line: bytes, told: str) -> None:
    data = b'{"start_ms": 1, "tag": "a", "annotation_id": "x"}\n' + line + b'\n{"start_ms": 9, "tag": "c"}\n'
    given = read_annotations(data, "peer.jsonl")[1]
    assert [item.tag for item in given.items] == ["a", "c"]
    assert len(given.problems) == 1
    assert given.problems[0].startswith(told)


@pytest.mark.parametrize(("name", "comma", "line"), [("peer.srt", ",", 5), ("peer.vtt", ".", 6)])
def test_a_caption_that_ends_before_it_starts_is_no_moment(name: str, comma: str, line: int) -> None:
    head, blank = ("WEBVTT\n\n", "") if comma == "." else ("", "1\n")
    times = (
        "00:00:01{0}000 --> 00:00:02{0}000\nAgent: One.\n\n",
        "00:00:05{0}000 --> 00:00:04{0}000\nAgent: Back.\n\n",
    )
    data = head + blank + "".join(times).format(comma)
    given = read_annotations(data.encode(), name)[1]
    assert [(item.start_ms, item.end_ms, item.text) for item in given.items] == [(1_000, 2_000, "One.")]
    assert given.problems == (f"Line {line}: it ends before it starts.",)


def test_a_caption_is_known_by_its_line() -> None:
    data = b"WEBVTT\n\nNOTE one\n\n00:01.000 --> 00:02.000\nAgent: One.\n"
    assert [item.place for item in read_annotations(data, "peer.vtt")[1].items] == [5]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ((Path(__file__).parent / "samples" / "assemblyai.json").read_bytes(), r"it is a transcript \(AssemblyAI\)"),
        (b'{"mood": "calm"}', "it is of no kind that is known"),
        (b'{"annotations": [1,\n2', "line 2: it is not JSON"),
        (b"\x01\x02\x03\x04" * 50, "it is no text"),
    ],
)
def test_the_cause_is_told_that_is_one(data: bytes, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_annotations(data, "peer.json")


def test_intervals_that_overlap_on_one_tier_are_read_and_told() -> None:
    eaf = b"""<?xml version="1.0"?><ANNOTATION_DOCUMENT AUTHOR="" DATE="" FORMAT="2.8" VERSION="2.8"><TIME_ORDER>
<TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="500"/>
<TIME_SLOT TIME_SLOT_ID="c" TIME_VALUE="400"/><TIME_SLOT TIME_SLOT_ID="d" TIME_VALUE="900"/></TIME_ORDER>
<TIER TIER_ID="tone"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="1" TIME_SLOT_REF1="a" TIME_SLOT_REF2="b">
<ANNOTATION_VALUE>calm</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="2" TIME_SLOT_REF1="c" TIME_SLOT_REF2="d">
<ANNOTATION_VALUE>loud</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"""
    given = read_annotations(eaf, "peer.eaf")[1]
    assert [(item.start_ms, item.end_ms, item.tag, item.text) for item in given.items] == [
        (0, 500, "tone", "calm"),
        (400, 900, "tone", "loud"),
    ]
    assert given.problems == ("Interval 2 overlaps one before it on its tier; both were read.",)


def test_a_peer_s_segments_are_tagged_with_their_speaker() -> None:
    gecko = {"monologues": [{"speaker": {"id": "s1"}, "start": 1, "end": 2.5, "terms": [{"text": "Hi", "start": 1}]}]}
    (item,) = read_annotations(json.dumps(gecko).encode(), "peer.json")[1].items
    assert (item.start_ms, item.end_ms, item.tag, item.text) == (1_000, 2_500, "s1", "Hi")


def test_annotations_of_two_sessions_in_one_file_are_refused() -> None:
    rows = b'{"start_ms": 1, "tag": "a", "session_id": "x"}\n{"start_ms": 1, "tag": "a", "session_id": "y"}\n'
    with pytest.raises(UsageError, match="several sessions"):
        read_annotations(rows, "peer.jsonl")


def test_regions_of_a_kind_we_have_no_place_for_are_named() -> None:
    task = [{"data": {}, "annotations": [{"result": [{"id": "1", "type": "brush", "value": {"start": 1}}]}]}]
    given = read_annotations(json.dumps(task).encode(), "task.json")[1]
    assert (given.items, given.not_carried) == ((), ("results of type brush",))


@given(
    data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode), name=st.sampled_from(["a.json", "b.srt", "c"])
)
def test_nonsense_is_refused_by_our_own_error(data: bytes, name: str) -> None:
    with contextlib.suppress(UsageError):
        annotation_reader_for(data, name).read(data)


@pytest.mark.parametrize("reader", ANNOTATION_READERS)
@given(data=st.binary(max_size=200))
def test_no_reader_raises_anything_but_our_own_error(reader: str, data: bytes) -> None:
    with contextlib.suppress(UsageError):
        ANNOTATION_READERS[reader].read(data)
