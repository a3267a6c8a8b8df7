"""What a file is taken in as: many formats can hold a transcript as well as what somebody marked in it."""

from __future__ import annotations

from enum import StrEnum

from qa_player.errors import UsageError
from qa_player.formats.annotation_readers import ANNOTATION_READERS, annotation_reader_for, read_annotations
from qa_player.formats.readers import READERS, Reader, read_with, reader_for
from qa_player.formats.tiers import is_ours
from qa_player.formats.transcript_file import Transcript, unreadable
from qa_player.formats.webvtt_notes import read_notes


class Contents(StrEnum):
    """What a person asks for, or what is found out."""

    ANNOTATIONS = "annotations"
    TRANSCRIPT = "transcript"


_ALL_FORMATS = tuple(dict.fromkeys([*ANNOTATION_READERS, *READERS]))


def contents_of(data: bytes, name: str, form: str | None, *, has_turns: bool) -> Contents:
    """What a file is for a session that has turns already, or has none.

    A format that can hold only one of both is that. Of the others, captions, tiers and monologues are the transcript
    of a session that has none, unless our own annotations stand in them; labels are annotations.
    Raises UsageError for a format that there is not, and for a file of no kind that is known.
    """
    if form is None:
        form = _found_out(data, name)
    elif form not in _ALL_FORMATS:
        raise UsageError(f"Nothing can be read from “{form[:40]}”.", f"Choose one of: {', '.join(_ALL_FORMATS)}.")
    if form not in ANNOTATION_READERS:
        return Contents.TRANSCRIPT
    if form not in READERS or has_turns or form == "audacity":
        return Contents.ANNOTATIONS
    return Contents.ANNOTATIONS if _holds_ours(data, form) else Contents.TRANSCRIPT


def is_either(data: bytes, name: str) -> bool:
    """Whether a file can be taken in both ways and nothing in it says which is meant: captions, tiers, monologues.

    Raises UsageError for a file of no kind that is known.
    """
    form = _found_out(data, name)
    both = form in READERS and form in ANNOTATION_READERS and form != "audacity"
    return both and not _holds_ours(data, form)


def read_transcript_as(data: bytes, name: str, form: str | None) -> tuple[Reader, Transcript]:
    """The transcript in a file of that name, and which reader read it. Raises UsageError, also where it has no turn."""
    if form is not None and form not in READERS:
        raise UsageError(f"Transcripts cannot be read from “{form[:40]}”.", f"Choose one of: {', '.join(READERS)}.")
    reader = READERS[form] if form is not None else reader_for(data, name)
    transcript = read_with(reader, data)
    if not transcript.turns:
        unreadable("it has no turn")
    return reader, transcript


def _found_out(data: bytes, name: str) -> str:
    """The more a reader knows what it is, the earlier it is asked: a document of words is no line of annotations."""
    try:
        transcript: str | None = reader_for(data, name).name
    except UsageError:
        transcript = None
    if transcript is not None and transcript not in ANNOTATION_READERS:
        return transcript
    return annotation_reader_for(data, name).name


def _holds_ours(data: bytes, form: str) -> bool:
    """Whether annotations that we wrote stand beside the turns."""
    from qa_player.formats import eaf, textgrid

    if form == "vtt":
        return bool(read_notes(data).items)
    if form in ("eaf", "textgrid"):
        found = eaf.intervals(data)[0] if form == "eaf" else textgrid.intervals(data)
        return any(is_ours(tier) and tier != "qa-player" for tier, *_ in found)
    return form == "json" and bool(read_annotations(data, "", form)[1].items)
