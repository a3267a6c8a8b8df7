"""WebVTT: turns as voice cues in audio time, annotations and the export's provenance as NOTE blocks.

Source: the W3C's WebVTT document: cue text is one block without blank lines, ``&``, ``<`` and ``>`` are escaped,
``-->`` may not stand in a cue or a note, and cues come in the order of their starts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from qa_player.formats.cues import add_cue, voice_and_text
from qa_player.formats.provenance import provenance_lines
from qa_player.formats.session_object import instant_text
from qa_player.formats.tiers import speaker_of
from qa_player.formats.transcript_file import Transcript, TurnsBeingRead, text_of, unreadable
from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.model.correction import corrected_texts
from qa_player.model.review import Review
from qa_player.model.transcript import Turn


def write(review: Review) -> bytes:
    """UTF-8. A turn without a start becomes a NOTE in its place by index, so that none is lost."""
    blocks = ["WEBVTT", _note(provenance_lines(review))]
    timed = sorted((turn for turn in review.turns if turn.start_ms is not None), key=lambda turn: turn.start_ms or 0)
    corrected = corrected_texts(review.turns, review.annotations)
    blocks += [_cue(turn, turn.start_ms or 0, corrected.get(turn.index, turn.text)) for turn in timed]
    blocks += [
        _note([f"turn {turn.index} has no time", f"{speaker_of(turn)}: {corrected.get(turn.index, turn.text)}"])
        for turn in review.turns
        if turn.start_ms is None
    ]
    blocks += [
        _note([f"turn {turn.index} as the provider heard it", turn.text or "\N{HORIZONTAL ELLIPSIS}"])
        for turn in review.turns
        if turn.index in corrected
    ]
    blocks += [_note(_annotation(annotation)) for annotation in review.annotations]
    return ("\n\n".join(blocks) + "\n").encode()


def read(data: bytes) -> Transcript:
    """Cues as turns in the order of the file; notes, styles and regions are left out. Raises UsageError."""
    lines = text_of(data).split("\n")
    if not lines[0].startswith("WEBVTT"):
        unreadable("it does not begin with WEBVTT", line=1)
    reading = TurnsBeingRead()
    for first, block in _cues_of(lines):
        if re.match(r"(WEBVTT|NOTE|STYLE|REGION)\b", block[0]) and "-->" not in block[0]:
            _left_out(reading, block)
            continue
        at = next((place for place, line in enumerate(block[:2]) if "-->" in line), None)
        if at is None:
            reading.problem("a block has no times", line=first)
            continue
        said = "\n".join(block[at + 1 :])
        _lost_of_cue(reading, block[:at], block[at], said)
        voice = re.search(r"<v(?:\.[^\s>]*)?\s+([^>]*)>", said)
        text = html.unescape(re.sub(r"<[^>]*>", "", said))
        speaker, text = (html.unescape(voice[1]), text) if voice else voice_and_text(text)
        add_cue(reading, block[at], speaker, text, line=first + at)
    return reading.done()


def _left_out(reading: TurnsBeingRead, block: list[str]) -> None:
    """Blocks that say nothing; ours say which session it is."""
    kind = re.split(r"\W", block[0])[0].lower()
    if kind == "note" and len(block) > 1 and block[1].startswith("session: "):
        reading.of_session(block[1].removeprefix("session: "))
    elif kind != "webvtt":
        reading.lost(f"{kind}s")


def _lost_of_cue(reading: TurnsBeingRead, identifier: list[str], arrow: str, said: str) -> None:
    reading.lost("cue identifiers", sum(not line.startswith("turn-") for line in identifier))
    reading.lost("cue settings", len(arrow.partition("-->")[2].split()) > 1)
    voices = len(re.findall(r"<v\b", said))
    reading.lost("further voices of a cue", max(voices - 1, 0))
    reading.lost("marks in the text", len(re.findall(r"<[^/>][^>]*>", said)) - voices)


def blocks_of(lines: list[str]) -> Iterable[tuple[int, list[str]]]:
    """Lines between blank ones, with the number of the first."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _cues_of(lines: list[str]) -> Iterable[tuple[int, list[str]]]:
    """The blocks; one that has several lines of times is as many cues, as the format has it."""
    for first, block in blocks_of(lines):
        arrows = [place for place, line in enumerate(block) if "-->" in line]
        starts = [0, *arrows[1:]]
        for start, following in zip(starts, [*starts[1:], len(block)], strict=True):
            yield first + start, block[start:following]


def _annotation(annotation: Annotation) -> list[str]:
    if annotation.kind is AnnotationKind.CORRECTION:
        when = f"correction of turn {annotation.turn_index}"
    elif annotation.start_ms is None:
        when = f"turn {annotation.turn_index}"
    else:
        when = _time(annotation.start_ms)
        if annotation.end_ms is not None:
            when += f" to {_time(annotation.end_ms)}"
    severity = f" ({annotation.severity.value})" if annotation.severity else ""
    lines = [f"annotation {annotation.annotation_id}", f"{when} {annotation.tag}{severity}"]
    if annotation.text:
        lines.append(annotation.text)
    lines.append(f"by {annotation.author}, {instant_text(annotation.created_at)}")
    return lines


def _cue(turn: Turn, start_ms: int, text: str) -> str:
    end_ms = max(turn.end_ms if turn.end_ms is not None else start_ms, start_ms + 1)
    text = _escaped(_one_block(text)) or "\N{HORIZONTAL ELLIPSIS}"
    identifier = f"turn-{turn.index}"
    raw = "" if turn.raw_start_ms in (None, turn.start_ms) else f" raw {turn.raw_start_ms} ms"
    return f"{identifier}{raw}\n{_time(start_ms)} --> {_time(end_ms)}\n<v {_escaped(speaker_of(turn))}>{text}</v>"


def _note(lines: Iterable[str]) -> str:
    return "NOTE\n" + _one_block("\n".join(lines)).replace("-->", "--\N{RIGHTWARDS ARROW}")


def _one_block(text: str) -> str:
    """Without blank lines, which would end the block, and without NUL, which the format refuses."""
    lines = text.replace("\0", "\N{SYMBOL FOR NULL}").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line for line in lines if line.strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"
