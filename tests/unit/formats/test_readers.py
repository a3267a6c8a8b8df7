"""Transcripts out of files: each format read to the last turn, what is odd flagged, and nothing but our own errors."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_player.errors import UsageError
from qa_player.formats import native_json, textgrid, webvtt
from qa_player.formats.readers import READERS, read_transcript, reader_for
from qa_player.formats.transcript_file import LARGEST_FILE, Transcript
from qa_player.model.review import Review
from qa_player.model.transcript import Flag, TimeSource

SAMPLES = Path(__file__).parent / "samples"
MORNING = ("Good morning.", 1_500, 2_750)
BILL = ("My bill is wrong.", 3_000, 5_250)
AGENT, CUSTOMER = ("agent", "Agent"), ("user", "Customer")

EXPECTED = {
    "native.json": ("json", [("agent", "Anna", *MORNING), ("user", None, *BILL), ("user", None, "Hello?", None, None)]),
    "captions.vtt": (
        "vtt",
        [
            (*AGENT, "Good & early morning.", 1_500, 2_750),
            (*CUSTOMER, "My bill\nis wrong.", 3_000, 5_250),
            (*CUSTOMER, "Hello?", 6_000, None),
        ],
    ),
    "captions.srt": (
        "srt",
        [
            (*AGENT, *MORNING),
            (*CUSTOMER, "My bill\nis wrong.", 3_000, 5_250),
            ("unknown", None, "Hello?", 6_000, None),
        ],
    ),
    "who.rttm": (
        "rttm",
        [
            ("agent", "agent", "", 1_500, 2_750),
            ("user", "customer", "", 3_000, 5_250),
            ("user", "customer", "", 6_000, None),
        ],
    ),
    "words.ctm": (
        "ctm",
        [
            ("unknown", "channel A", *MORNING),
            ("unknown", "channel B", "My bill", 3_000, 3_800),
            ("unknown", "channel B", "Hello?", 9_000, 9_500),
        ],
    ),
    "gecko.json": ("gecko", [(*AGENT, *MORNING), ("user", "customer", *BILL), ("user", "customer", "", None, 7_000)]),
    "labels.txt": (
        "audacity",
        [(*AGENT, *MORNING), ("unknown", None, *BILL), ("unknown", None, "", 6_000, 6_000)],
    ),
    "long.TextGrid": (
        "textgrid",
        [(*AGENT, 'Good "early" morning.', 1_500, 2_750), (*CUSTOMER, "My bill\nis wrong.", 3_000, 3_000)],
    ),
    "short.TextGrid": ("textgrid", [(*AGENT, "Good morning. – ø", 1_500, 2_750)]),
    "tiers.eaf": (
        "eaf",
        [(*AGENT, "Good & early morning.", 1_500, 2_750), (*CUSTOMER, "My bill is wrong.", 3_000, None)],
    ),
    "deepgram.json": (
        "deepgram",
        [
            ("unknown", "speaker 0", *MORNING),
            ("unknown", "speaker 1", *BILL),
            ("unknown", "speaker 1", "Hello?", None, 7_000),
        ],
    ),
    "deepgram-channels.json": (
        "deepgram",
        [
            ("unknown", "channel 0", *MORNING),
            ("unknown", "channel 1", "hello", 3_000, 3_250),
            ("unknown", "channel 0", "bye", 9_000, 9_500),
        ],
    ),
    "assemblyai.json": (
        "assemblyai",
        [
            ("unknown", "Speaker A", *MORNING),
            ("unknown", "Speaker B", *BILL),
            ("unknown", "Speaker B", "Hello?", None, 7_000),
        ],
    ),
    "transcribe-segments.json": (
        "amazon-transcribe",
        [("unknown", "spk_0", *MORNING), ("unknown", "spk_1", *BILL)],
    ),
    "transcribe-items.json": (
        "amazon-transcribe",
        [("unknown", "spk_0", *MORNING), ("unknown", "spk_1", "Bill", 3_000, 3_500)],
    ),
    "contact-lens.json": (
        "contact-lens",
        [
            ("agent", "AGENT", *MORNING),
            ("user", "CUSTOMER", "My number is [PII].", 3_000, 5_250),
            ("unknown", "p-other", "Hello?", None, None),
        ],
    ),
}


NOISE = random.Random(5).randbytes(5_000)


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def told(transcript: Transcript) -> list[tuple[object, ...]]:
    return [(turn.role.value, turn.speaker, turn.text, turn.raw_start_ms, turn.raw_end_ms) for turn in transcript.turns]


def test_every_sample_and_every_reader_is_looked_at() -> None:
    assert set(EXPECTED) == {path.name for path in SAMPLES.iterdir()}
    assert {name for name, _ in EXPECTED.values()} == set(READERS)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_file_is_known_by_what_is_in_it_and_read_to_its_end(name: str) -> None:
    kind, turns = EXPECTED[name]
    ending = Path(name).suffix if kind in ("srt", "ctm", "rttm", "audacity") else ".bin"
    assert reader_for(sample(name), f"renamed{ending}").name == kind
    transcript = read_transcript(sample(name), name)
    assert told(transcript) == turns
    assert [turn.index for turn in transcript.turns] == list(range(len(turns)))


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("captions.vtt", "Line 17: the times cannot be read."),
        ("captions.srt", "Line 12: the times cannot be read."),
        ("who.rttm", "Line 4: the times cannot be read."),
        ("words.ctm", "Line 7: this is no word with its time."),
        ("labels.txt", "Line 4: this is no label."),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(name: str, problem: str) -> None:
    assert read_transcript(sample(name), name).problems == (problem,)


BACK = "00:00:05{0}000 --> 00:00:04{0}000"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.srt", f"1\n{BACK.format(',')}\nBack.\n", "Line 2: it ends before it starts."),
        ("a.vtt", f"WEBVTT\n\nid\n{BACK.format('.')}\nBack.\n", "Line 4: it ends before it starts."),
        ("a.txt", "5.0\t4.0\tBack.\n", "Line 1: it ends before it starts."),
        (
            "a.json",
            '{"monologues": [{"speaker": "a", "terms": [{"start": 5, "end": 4}]}]}',
            "Turn 1: it ends before it starts.",
        ),
    ],
)
def test_an_end_before_its_start_is_told(name: str, text: str, told: str) -> None:
    transcript = read_transcript(text.encode(), name)
    assert transcript.problems == (told,)
    assert [(turn.raw_end_ms, turn.flags) for turn in transcript.turns] == [(None, (Flag.TIME_INVALID,))]


def test_captions_without_times_are_told_and_glued_to_no_other() -> None:
    first, last = "1\n00:00:01,000 --> 00:00:02,000\nOne.\n\nStill one.\n", "5\n00:00:09,000 --> 00:00:10,000\nFive.\n"
    lost = "2\nTwo.\n\n3\n00:00:03,000 -> 00:00:04,000\nThree.\n"
    transcript = read_transcript(f"{first}\n{lost}\n{last}".encode(), "a.srt")
    assert [turn.text for turn in transcript.turns] == ["One.\nStill one.", "Five."]
    assert transcript.problems == ("Line 7: this caption has no times.", "Line 10: this caption has no times.")
    transcript = read_transcript(f"0\nNone.\n\n{first}\n6\nSix.\n".encode(), "a.srt")
    assert [turn.text for turn in transcript.turns] == ["One.\nStill one."]
    assert transcript.problems == ("Line 1: this caption has no times.", "Line 10: this caption has no times.")


def test_cues_without_a_blank_line_between_them_are_two() -> None:
    data = b"WEBVTT\n\n00:01.000 --> 00:02.000\nOne.\n00:03.000 --> 00:04.000\nTwo.\n"
    transcript = read_transcript(data, "a.vtt")
    assert [(turn.text, turn.raw_start_ms) for turn in transcript.turns] == [("One.", 1_000), ("Two.", 3_000)]


def test_odd_times_are_flagged() -> None:
    turns = read_transcript(sample("captions.vtt"), "a.vtt").turns
    assert [turn.flags for turn in turns] == [(), (), (Flag.TIME_INVALID,)]
    turns = read_transcript(sample("contact-lens.json"), "a.json").turns
    assert turns[2].flags == (Flag.TIME_MISSING,)
    assert (turns[2].time_source, turns[0].time_source) == (TimeSource.NONE, TimeSource.SPEECH_START)


def test_what_we_write_we_read(review: Review) -> None:
    timed = [turn for turn in review.turns if turn.start_ms is not None]
    back = native_json.read(native_json.write(review)).turns
    assert [(turn.text, turn.role, turn.raw_start_ms) for turn in back] == [
        (
            turn.text.replace("\0", "\ufffd"),
            turn.role,
            turn.start_ms if turn.start_ms is not None else turn.raw_start_ms,
        )
        for turn in review.turns
    ]
    captions = webvtt.read(webvtt.write(review)).turns
    assert sorted(turn.raw_start_ms or 0 for turn in captions) == sorted(turn.start_ms or 0 for turn in timed)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["captions.vtt", "captions.srt", "labels.txt", "long.TextGrid", "contact-lens.json"])
def test_the_usual_encodings(name: str, encoding: str) -> None:
    data = sample(name).decode().encode(encoding)
    assert told(read_transcript(data, name)) == EXPECTED[name][1]


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY e "eeeeeeeeee"><!ENTITY f "&e;&e;&e;&e;">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE a>",
    ],
)
def test_a_document_type_is_refused(declaration: str) -> None:
    data = sample("tiers.eaf").replace(b"<ANNOTATION_DOCUMENT", declaration.encode() + b"<ANNOTATION_DOCUMENT", 1)
    with pytest.raises(UsageError, match=r"line 2: it declares a document type"):
        read_transcript(data, "a.eaf")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.json", b'{"turns": [1,\n2', "line 2: it is not JSON"),
        ("a.json", b"{}", "it is of no kind that is known"),
        ("a.json", b"[" * 100_000, "it is not JSON"),
        ("a.txt", b"just words", "it is of no kind that is known"),
        ("a.wav", b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\1\0\1\0" + bytes(64), "it is no text"),
        ("a.json", NOISE, "it is no text"),
        ("a.srt", NOISE, "it is no text"),
        ("a.json", b'{"audio_url": "u", "status": "error", "words": null}', "AssemblyAI had not transcribed"),
        ("a.bin", b"", "it is empty"),
        ("a.srt", b"\xef\xbb\xbf\r\n", "it is empty"),
        ("a.eaf", b"<html></html>", "it is no ANNOTATION_DOCUMENT"),
        ("a.eaf", b"<a>" * 70, "it is nested too deeply"),
        ("a.eaf", b"<ANNOTATION_DOCUMENT>", "it is not XML"),
        ("a.eaf", b'<?xml version="1.0" encoding="klingon"?><a/>', "its encoding is not known"),
        ("a.srt", b"1\n2\n", "no line has times"),
        ("a.rttm", b"words", "no line begins with SPEAKER"),
        ("a.TextGrid", b'"ooTextFile"\n"TextGrid"\n0 1 <exists> 2\n"IntervalTier"', "line 4: it breaks off"),
    ],
)
def test_what_is_no_transcript(name: str, data: bytes, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_transcript(data, name)
    assert said in raised.value.message


def test_words_cut_out_of_assemblyai_are_known_by_themselves() -> None:
    words = [{"text": "Hi", "start": 100, "end": 200, "speaker": "A"}]
    data = json.dumps({"text": "Hi", "utterances": None, "words": words}).encode()
    assert reader_for(data, "a.json").name == "assemblyai"
    assert told(read_transcript(data, "a.json")) == [("unknown", "Speaker A", "Hi", 100, 200)]
    assert reader_for(sample("assemblyai.json"), "a").name == "assemblyai"


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-16", "latin-1"])
def test_text_of_any_encoding_is_no_noise(encoding: str) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nДобрый вечер\n" if encoding != "latin-1" else "1.0\t2.0\tGrüße, Señor\n"
    assert len(read_transcript(text.encode(encoding), "a.srt" if encoding != "latin-1" else "a.txt").turns) == 1


def test_a_file_that_is_too_large() -> None:
    with pytest.raises(UsageError, match="64 MiB"):
        read_transcript(b"WEBVTT\n" + b" " * LARGEST_FILE, "a.vtt")


def test_a_textgrid_that_counts_to_the_sky() -> None:
    with pytest.raises(UsageError, match="breaks off"):
        textgrid.read(b'"ooTextFile" "TextGrid" 0 1 <exists> 9999999 ')


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_a_file_holds_only_our_errors_come_out(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(EXPECTED)))
    content = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=6))
        if not content:
            break
    for reader in (READERS[EXPECTED[name][0]].read, lambda taken: read_transcript(taken, name)):
        try:
            transcript = reader(bytes(content))
        except UsageError:
            continue
        assert [turn.index for turn in transcript.turns] == list(range(len(transcript.turns)))


def _replaced(value: object, data: st.DataObject) -> object:
    """The document with one of its values replaced by anything."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 4)):
        key = data.draw(st.sampled_from(sorted(value)))
        return value | {key: _replaced(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 4)):
        at = data.draw(st.integers(0, len(value) - 1))
        return [*value[:at], _replaced(value[at], data), *value[at + 1 :]]
    return data.draw(VALUES)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_json_of_any_shape(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in sorted(EXPECTED) if name.endswith(".json")]))
    document = _replaced(json.loads(sample(name)), data)
    with contextlib.suppress(UsageError):
        READERS[EXPECTED[name][0]].read(json.dumps(document).encode())
